using Aspire.Hosting.Publishing;
using Aspire.Hosting.Running;

namespace Aspire.Hosting.ApplicationModel;

public sealed class PostgresDatabaseResource : RunnableResource, IResourceWithConnectionString
{
    private readonly string? _given;

    /// <param name="name">The resource's name.</param>
    /// <param name="databaseName">The database's own.</param>
    /// <param name="parent">The server.</param>
    /// <param name="given">The connection string of a database that somebody else runs; null to have it on <paramref name="parent"/>.</param>
    internal PostgresDatabaseResource(string name, string databaseName, PostgresServerResource parent, string? given)
        : base(name)
    {
        (DatabaseName, Parent, _given) = (databaseName, parent, given);
        parent.Databases.Add(this);
        WaitsFor.Add(parent);
    }

    public string DatabaseName { get; }

    public PostgresServerResource Parent { get; }

    internal bool IsGiven => _given is not null;

    internal override ResourceValue ConnectionString => new(
        $"{{{Parent.Name}.connectionString}};Database={DatabaseName}", () => _given ?? $"{Parent.ConnectionString.Current()};Database={DatabaseName}");

    internal override IReadOnlyDictionary<string, ResourceValue> ConnectionProperties
    {
        get
        {
            var properties = Parent.PropertiesOf(DatabaseName);
            properties["DatabaseName"] = ResourceValue.Of(DatabaseName);
            return properties.ToDictionary(
                property => property.Key, property => IsGiven ? property.Value with { Current = () => null } : property.Value, StringComparer.Ordinal);
        }
    }

    internal override void WriteManifest(ManifestWriter manifest) => manifest.WriteConnectionStringValue(this);

    /// <summary>Creates the database when the server does not have it yet.</summary>
    internal override async Task<StartResult> StartAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (IsGiven)
        {
            return new StartResult.LeftOut($"not created: ConnectionStrings__{Name} is given");
        }

        await Parent.Server!.CreateDatabaseAsync(DatabaseName, cancellationToken);
        return new StartResult.Started(new LocalRun(Parent.Server.Exited, server: null));
    }
}
