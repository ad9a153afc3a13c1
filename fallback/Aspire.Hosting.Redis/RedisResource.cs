using Aspire.Hosting.Running;
using LocalServers;

namespace Aspire.Hosting.ApplicationModel;

public sealed class RedisResource : ContainerResource, IResourceWithConnectionString
{
    private readonly Endpoint _endpoint;
    private readonly ParameterResource _password;
    private readonly string? _given;

    /// <param name="name">The resource's name.</param>
    /// <param name="password">What clients authenticate with.</param>
    /// <param name="given">The connection string of a Redis that somebody else runs; null to run one here.</param>
    internal RedisResource(string name, ParameterResource password, string? given)
        : base(name, "docker.io/library/redis:8.6")
    {
        _given = given;
        Entrypoint = "/bin/sh";
        _password = password;
        OwnParameters.Add(password);
        Environment["REDIS_PASSWORD"] = password.Value;
        _endpoint = new Endpoint(this, "tcp", "redis") { TargetPort = 6379, Host = "127.0.0.1" };
        Endpoints.Add(_endpoint);
    }

    internal override IReadOnlyList<string> Arguments =>
        ["-c", "redis-server --requirepass $REDIS_PASSWORD" + (Volume is { IsReadOnly: false } ? " --save 60 1" : string.Empty)];

    internal override ResourceValue ConnectionString => new(
        $"{_endpoint.HostValue.Manifest}:{_endpoint.PortValue.Manifest},password={_password.Value.Manifest}",
        () => _given ?? (_endpoint.AllocatedPort == 0 ? null : $"{_endpoint.HostAndPort},password={_password.Value.Current()}"));

    internal override IReadOnlyDictionary<string, ResourceValue> ConnectionProperties => new Dictionary<string, ResourceValue>(StringComparer.Ordinal)
    {
        ["Host"] = _endpoint.HostValue,
        ["Port"] = _endpoint.PortValue,
        ["Password"] = _password.Value with { Current = () => _endpoint.AllocatedPort == 0 ? null : _password.Value.Current() },
        ["Uri"] = new(
            $"redis://:{_password.UriEncoded.Manifest}@{_endpoint.HostValue.Manifest}:{_endpoint.PortValue.Manifest}",
            () => _endpoint.AllocatedPort == 0 ? null : $"redis://:{_password.UriEncoded.Current()}@{_endpoint.HostAndPort}"),
    };

    /// <summary>Without a Redis the backends match in their own memory, so the run goes on and says so.</summary>
    internal override async Task<StartResult> StartAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (_given is not null)
        {
            _endpoint.AllocatedPort = 0;
            return new StartResult.LeftOut($"not run here: ConnectionStrings__{Name} is given");
        }

        try
        {
            var server = await RedisServer.StartAsync(
                new LocalServerOptions
                {
                    DataFolder = DataFolder(context),
                    ToolsFolder = context.Settings.ToolsFolder,
                    Port = _endpoint.AllocatedPort,
                    Password = _password.Value.Current(),
                    Log = context.Log,
                },
                cancellationToken);
            return new StartResult.Started(new LocalRun(server.Exited, server));
        }
        catch (LocalServerUnavailableException e)
        {
            _endpoint.AllocatedPort = 0;
            return new StartResult.LeftOut($"{e.Message} Without Redis a backend matches in its own memory.");
        }
    }
}
