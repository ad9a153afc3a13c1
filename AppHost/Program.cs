using GameStack.AppHost;
using GameStack.AppHost.Commands;
using GameStack.AppHost.Servers;
using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);
if (!await LocalRun.TryPrepareAsync(builder))
{
    return 1;
}

var redis = builder.AddRedis("redis").WithDataVolume(ServerChoice.Volume(builder, "redis")).RunAsProgram();
var postgres = builder.AddPostgres("postgres").WithDataVolume(ServerChoice.Volume(builder, "postgres")).RunAsProgram();
var matches = postgres.AddDatabase("matches");

var sessionSize = Setting("SESSION_SIZE", "12");

// Launch profiles carry fixed ports; without them any number of graphs can run on one machine.
var backend = builder.AddProject<Projects.Backend>("backend", launchProfileName: null)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReferenceEnvironment(ReferenceEnvironmentInjectionFlags.ConnectionString)
    .WithReference(redis).WaitFor(redis)
    .WithReference(matches).WaitFor(matches)
    .WithEnvironment("SESSION_SIZE", sessionSize)
    .WithEnvironment("MIN_PARTIAL_SESSION_SIZE", Setting("MIN_PARTIAL_SESSION_SIZE", "2"))
    .WithEnvironment("FLUSH_WAIT_SECONDS", Setting("FLUSH_WAIT_SECONDS", "15"));

var proxy = builder.AddProject<Projects.Proxy>("proxy", launchProfileName: null)
    .WithHttpEndpoint(port: builder.Configuration.GetValue("Proxy:Port", 8080))
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithReference(backend).WaitFor(backend);

// In a pod every port is its own; on one machine each server takes a free one.
var gameServer = builder.AddProject<Projects.GameServer>("game-server", launchProfileName: null)
    .WithEndpoint(name: "game", scheme: "tcp", targetPort: builder.ExecutionContext.IsPublishMode ? 8080 : null, env: "PORT")
    .WithExplicitStart();

if (builder.ExecutionContext.IsPublishMode)
{
    // In a cluster each match has a pod. What only Kubernetes knows (a pod's name, secrets) comes from deploy/aspirate.
    backend.WithEnvironment("GameServers__Fleet", "Kubernetes");
    backend.WithEnvironment("GameServers__Exposure", "PodIp");
    backend.WithEnvironment("GameServers__ControlKeyFile", "/var/run/secrets/game-server-control/private-key");
    gameServer.WithEndpoint(name: "control", scheme: "tcp", targetPort: 8081, env: "CONTROL_PORT");

    // In a run AddDatabase creates it; in a cluster the image does.
    postgres.WithEnvironment("POSTGRES_DB", "matches");
}

if (builder.ExecutionContext.IsRunMode)
{
    // What their launch profiles would say, but for the ports.
    backend.WithEnvironment("DOTNET_ENVIRONMENT", "Development");
    proxy.WithEnvironment("DOTNET_ENVIRONMENT", "Development");

    // The backend starts a process per match. The resource is one more server, to be started by hand under a debugger.
    backend.WithEnvironment("GameServers__Program", Path.GetFullPath("../artifacts/game-server/GameServer", builder.AppHostDirectory));
    gameServer.WithEnvironment("SESSION_ID", Guid.NewGuid().ToString());

    backend.WithUrlForEndpoint("http", _ => new() { Url = "/docs", DisplayText = "Match API" }).WithPlayerCommands(sessionSize);
    proxy.WithUrlForEndpoint("http", _ => new() { Url = "/api/docs", DisplayText = "Match API" })
        .WithUrlForEndpoint("http", _ => new() { Url = "/api/sessions/active", DisplayText = "Live matches" });

    builder.AddProject<Projects.LoadTester>("load-tester", launchProfileName: null)
        .WithEnvironment("TARGET_URL", proxy.GetEndpoint("http")).WaitFor(proxy)
        .WithLoadTestCommand(new LoadTest(Setting("CLIENTS", "50"), Setting("MATCH_DURATION", "30"), Setting("SPAWN_RATE", "0")))
        .WithExplicitStart();

    builder.AddLocalDefaults();
}

using var app = builder.Build();
using var hangUp = app.StopOnHangUp();
app.Run();
return 0;

// A setting keeps its name from the outside in: `SESSION_SIZE=5 dotnet run --project AppHost`. It is no Aspire parameter, since
// Aspirate 9.1.0 takes the published default of a parameter for a password that it has to make up.
string Setting(string name, string defaultValue) => builder.Configuration[name] ?? defaultValue;
