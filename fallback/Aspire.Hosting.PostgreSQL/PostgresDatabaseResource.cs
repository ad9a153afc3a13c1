using Aspire.Hosting.Publishing;
using Aspire.Hosting.Running;

namespace Aspire.Hosting.ApplicationModel;

public sealed class PostgresDatabaseResource : RunnableResource, IResourceWithConnectionString
{
    internal PostgresDatabaseResource(string name, string databaseName, PostgresServerResource parent)
        : base(name)
    {
        (DatabaseName, Parent) = (databaseName, parent);
        WaitsFor.Add(parent);
    }

    public string DatabaseName { get; }

    public PostgresServerResource Parent { get; }

    internal override ResourceValue ConnectionString => new(
        $"{{{Parent.Name}.connectionString}};Database={DatabaseName}", () => $"{Parent.ConnectionString.Current()};Database={DatabaseName}");

    internal override IReadOnlyDictionary<string, ResourceValue> ConnectionProperties
    {
        get
        {
            var properties = Parent.PropertiesOf(DatabaseName);
            properties["DatabaseName"] = ResourceValue.Of(DatabaseName);
            return properties;
        }
    }

    internal override void WriteManifest(ManifestWriter manifest) => manifest.WriteConnectionStringValue(this);

    /// <summary>Creates the database when the server does not have it yet.</summary>
    internal override async Task<StartResult> StartAsync(RunContext context, CancellationToken cancellationToken)
    {
        await Parent.Server!.CreateDatabaseAsync(DatabaseName, cancellationToken);
        return new StartResult.Started(new LocalRun(Parent.Server.Exited, server: null));
    }
}
