using System.Globalization;
using GameStack.Tests.Support;
using LocalServers;

namespace GameStack.Bench.Matches;

/// <summary>The programs of a checkout, as its Release build leaves them, or as published, compiled ahead (ReadyToRun).</summary>
internal sealed class BenchPrograms(string root)
{
    private readonly int _shortPort = FreePort.Next();

    public string GameServer => Path.Combine(root, "artifacts", "game-server", "GameServer");

    public string BuiltFolder(string project) => Path.Combine(root, project, "bin", "Release", "net10.0");

    public string PublishedFolder(string project) => Path.Combine(root, "artifacts", "bench", project);

    public static RunningProgram Start(string folder, string project, Dictionary<string, string?> settings)
    {
        settings["ASPNETCORE_ENVIRONMENT"] = "Development";
        settings["ASPNETCORE_CONTENTROOT"] = folder;
        return RunningProgram.StartCommand([Path.Combine(folder, project)], settings);
    }

    /// <summary>A backend with pairs as matches, so that a match forms at every second join.</summary>
    public RunningProgram StartBackend(string folder, int port, StoresOfRun stores) => Start(folder, "Backend", new()
    {
        ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port};http://127.0.0.1:{_shortPort}",
        ["ShortCalls__Port"] = _shortPort.ToString(CultureInfo.InvariantCulture),
        ["HOSTNAME"] = "bench",
        ["ConnectionStrings__redis"] = stores.Redis,
        ["ConnectionStrings__matches"] = stores.Database,
        ["Matchmaking__Queue"] = stores.Queue,
        ["GameServers__Program"] = GameServer,
        ["SESSION_SIZE"] = "2",
        ["MIN_PARTIAL_SESSION_SIZE"] = "2",
        ["FLUSH_WAIT_SECONDS"] = "3600",
        ["Matchmaking__SilentSeconds"] = "3660",
    });

    public RunningProgram StartProxy(string folder, int port, int backend) => Start(folder, "Proxy", new()
    {
        ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
        ["services__backend__http__0"] = $"http://127.0.0.1:{backend}",
        ["services__backend__short__0"] = $"http://127.0.0.1:{_shortPort}",
    });
}
