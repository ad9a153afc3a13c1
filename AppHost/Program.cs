using GameStack.AppHost;
using GameStack.AppHost.Commands;
using GameStack.AppHost.Servers;

var builder = DistributedApplication.CreateBuilder(args);
if (await LocalRun.PrepareAsync(builder) is { } refused)
{
    return refused;
}

var redis = builder.AddRedis("redis").WithDataVolume(ServerChoice.Volume(builder, "redis")).RunAsProgram();
var postgres = builder.AddPostgres("postgres").WithDataVolume(ServerChoice.Volume(builder, "postgres")).RunAsProgram();
var matches = postgres.AddDatabase("matches");

var sessionSize = Setting("SESSION_SIZE");

// Launch profiles carry fixed ports; without them any number of graphs can run on one machine.
var backend = builder.AddProject<Projects.Backend>("backend", launchProfileName: null)
    .WithHttpEndpoint()
    .WithHttpEndpoint(name: "short", targetPort: builder.ExecutionContext.IsPublishMode ? 8081 : null)
    .WithHttpHealthCheck("/health")
    .WaitFor(redis)
    .WaitFor(matches)
    .WithEnvironment("SESSION_SIZE", sessionSize)
    .WithEnvironment("MIN_PARTIAL_SESSION_SIZE", Setting("MIN_PARTIAL_SESSION_SIZE"))
    .WithEnvironment("FLUSH_WAIT_SECONDS", Setting("FLUSH_WAIT_SECONDS"));

// For the proxy's short calls, which are HTTP/2; browsers cannot show it.
backend.WithEnvironment("ShortCalls__Port", backend.GetEndpoint("short").Property(EndpointProperty.TargetPort))
    .WithUrlForEndpoint("short", url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly);

var proxy = builder.AddProject<Projects.Proxy>("proxy", launchProfileName: null)
    .WithHttpEndpoint(port: RunPorts.Proxy(builder.Configuration))
    .WithExternalHttpEndpoints()
    .WithEndpoint(
        name: "gateway", scheme: "tcp", port: RunPorts.Gateway(builder.Configuration),
        targetPort: builder.ExecutionContext.IsPublishMode ? 7777 : null, env: "Gateway__Port", isExternal: true)
    .WithHttpHealthCheck("/health")
    .DisableForwardedHeaders() // Its setting TrustedProxies says whose it believes.
    .WaitFor(backend);

// Each pod has its own ports; on one machine, each server takes a free port.
var gameServer = builder.AddProject<Projects.GameServer>("game-server", launchProfileName: null)
    .WithEndpoint(name: "game", scheme: "tcp", targetPort: builder.ExecutionContext.IsPublishMode ? 8080 : null, env: "PORT")
    .WithExplicitStart();

if (builder.ExecutionContext.IsPublishMode)
{
    // In a cluster, backends are users of their own, with few rights, of Redis and Postgres, and the proxy finds each backend's address.
    backend.WithEnvironment("REDIS_HOST", "redis");
    backend.WithEnvironment("REDIS_USERNAME", "gamestack");
    backend.WithEnvironment("DATABASE_URL", "postgresql://postgres/matches");
    backend.WithEnvironment("DATABASE_USERNAME", "gamestack");
    proxy.WithEnvironment("BACKEND_URL", "http://backend-pods:8080");
    proxy.WithEnvironment("BACKEND_SHORT_URL", "http://backend-pods:8081");

    // In a cluster, each match has its own pod. Values that only Kubernetes knows (a pod's name, secrets) come from deploy/aspirate.
    backend.WithEnvironment("GameServers__Fleet", "Kubernetes");
    backend.WithEnvironment("GameServers__Exposure", "PodIp");
    backend.WithEnvironment("GameServers__ControlKeyFile", "/var/run/secrets/game-server-control/private-key");
    backend.WithEnvironment("GameServers__Tickets", "Optional");
    backend.WithEnvironment("Tickets__KeyFile", "/var/run/secrets/match-tickets/private-key");
    backend.WithEnvironment("Players__Authentication", "None");
    backend.WithEnvironment("Operators__Access", "Anyone");
    proxy.WithEnvironment("Tickets__PublicKeyFile", "/var/run/config/match-tickets/public-key");
    gameServer.WithEndpoint(name: "control", scheme: "tcp", targetPort: 8081, env: "CONTROL_PORT");

    // In a local run, AddDatabase creates the database; in a cluster, the Postgres image does.
    postgres.WithEnvironment("POSTGRES_DB", "matches");
}

if (builder.ExecutionContext.IsRunMode)
{
    backend.WithReferenceEnvironment(ReferenceEnvironmentInjectionFlags.ConnectionString).WithReference(redis).WithReference(matches);
    proxy.WithReferenceEnvironment(ReferenceEnvironmentInjectionFlags.ServiceDiscovery).WithReference(backend);

    // The services have no launch profiles: set what a profile would set, except the ports.
    backend.WithEnvironment("DOTNET_ENVIRONMENT", "Development");
    proxy.WithEnvironment("DOTNET_ENVIRONMENT", "Development");
    backend.WithEnvironment("Matchmaking__SilentSeconds", Setting("Matchmaking:SilentSeconds"));

    var tickets = TicketKeyPair.Of(builder);
    backend.WithEnvironment("Tickets__KeyFile", RunSettings.Get(builder.Configuration, RunSettings.TicketKeyFile, tickets.PrivateKeyFile));
    proxy.WithEnvironment(
        "Tickets__PublicKeyFile", RunSettings.Get(builder.Configuration, RunSettings.TicketPublicKeyFile, tickets.PublicKeyFile));

    // The backend starts a process per match. This resource is an extra server, for starting by hand under a debugger.
    backend.WithEnvironment("GameServers__Program", Path.GetFullPath("../artifacts/game-server/GameServer", builder.AppHostDirectory));
    gameServer.WithEnvironment("SESSION_ID", Guid.NewGuid().ToString());

    backend.WithUrlForEndpoint("http", _ => new() { Url = "/docs", DisplayText = "Match API" })
        .WithAddPlayersCommand(sessionSize)
        .WithEndAllMatchesCommand();
    proxy.WithUrlForEndpoint("http", _ => new() { Url = "/api/docs", DisplayText = "Match API" })
        .WithUrlForEndpoint("http", _ => new() { Url = "/api/sessions/active", DisplayText = "Live matches" });

    builder.AddProject<Projects.LoadTester>("load-tester", launchProfileName: null)
        .WithEnvironment("TARGET_URL", proxy.GetEndpoint("http")).WaitFor(proxy)
        .WithEnvironment("GATEWAY_ADDRESS", proxy.GetEndpoint("gateway").Property(EndpointProperty.HostAndPort))
        .WithLoadTestCommand(new LoadTest(
            Setting("CLIENTS"), Setting("MATCH_DURATION"), Setting("SPAWN_RATE"),
            RunSettings.Get(builder.Configuration, RunSettings.Through, LoadTest.Ways[0])))
        .WithExplicitStart();

    builder.AddLocalDefaults();
}

using var app = builder.Build();
using var hangUp = app.StopOnHangUp();
app.Run();
return 0;

string Setting(string name) => RunSettings.Get(builder.Configuration, name);
