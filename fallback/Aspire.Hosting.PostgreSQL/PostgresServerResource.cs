using Aspire.Hosting.Running;
using LocalServers;

namespace Aspire.Hosting.ApplicationModel;

public sealed class PostgresServerResource : ContainerResource, IResourceWithConnectionString
{
    private readonly Endpoint _endpoint;
    private readonly ParameterResource _password;

    internal PostgresServerResource(string name, ParameterResource password)
        : base(name, "docker.io/library/postgres:18.3")
    {
        _password = password;
        OwnParameters.Add(password);
        Environment["POSTGRES_HOST_AUTH_METHOD"] = ResourceValue.Of("scram-sha-256");
        Environment["POSTGRES_INITDB_ARGS"] = ResourceValue.Of("--auth-host=scram-sha-256 --auth-local=scram-sha-256");
        Environment["POSTGRES_USER"] = ResourceValue.Of("postgres");
        Environment["POSTGRES_PASSWORD"] = password.Value;
        _endpoint = new Endpoint(this, "tcp", "tcp") { TargetPort = 5432, Host = "127.0.0.1" };
        Endpoints.Add(_endpoint);
    }

    internal List<PostgresDatabaseResource> Databases { get; } = [];

    /// <summary>The server while it runs.</summary>
    internal PostgresServer? Server { get; private set; }

    internal override ResourceValue ConnectionString => new(
        $"Host={_endpoint.HostValue.Manifest};Port={_endpoint.PortValue.Manifest};Username=postgres;Password={_password.Value.Manifest}",
        () => $"Host={_endpoint.Host};Port={_endpoint.AllocatedPort};Username=postgres;Password={_password.Value.Current()}");

    internal override IReadOnlyDictionary<string, ResourceValue> ConnectionProperties => PropertiesOf(database: null);

    internal Dictionary<string, ResourceValue> PropertiesOf(string? database)
    {
        var path = database is null ? string.Empty : $"/{database}";
        var address = new ResourceValue(
            $"{_endpoint.HostValue.Manifest}:{_endpoint.PortValue.Manifest}{path}", () => $"{_endpoint.HostAndPort}{path}");
        return new(StringComparer.Ordinal)
        {
            ["Host"] = _endpoint.HostValue,
            ["Port"] = _endpoint.PortValue,
            ["Username"] = ResourceValue.Of("postgres"),
            ["Password"] = _password.Value,
            ["Uri"] = new(
                $"postgresql://postgres:{_password.UriEncoded.Manifest}@{address.Manifest}",
                () => $"postgresql://postgres:{_password.UriEncoded.Current()}@{address.Current()}"),
            ["JdbcConnectionString"] = new($"jdbc:postgresql://{address.Manifest}", () => $"jdbc:postgresql://{address.Current()}"),
        };
    }

    internal override async Task<StartResult> StartAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (Databases.Count > 0 && Databases.TrueForAll(database => database.IsGiven))
        {
            return new StartResult.LeftOut("not run here: the connection strings of its databases are given");
        }

        try
        {
            Server = await PostgresServer.StartAsync(
                new LocalServerOptions
                {
                    DataFolder = DataFolder(context),
                    ToolsFolder = context.Settings.ToolsFolder,
                    Port = _endpoint.AllocatedPort,
                    Password = _password.Value.Current(),
                    Log = context.Log,
                },
                cancellationToken);
            return new StartResult.Started(new LocalRun(Server.Exited, Server));
        }
        catch (LocalServerUnavailableException e)
        {
            return new StartResult.Failed(e.Message, EndsRun: true);
        }
    }
}
