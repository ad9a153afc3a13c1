using GameStack.LoadTester.Run;
using GameStack.LoadTester.Stack;
using GameStack.Tests.Support;
using LocalServers;

namespace GameStack.Bench.Matches;

/// <summary>A backend whose matches are processes, and a proxy before it.</summary>
internal sealed class BenchStack : IAsyncDisposable
{
    private BenchStack(RunningProgram backend, RunningProgram proxy, int port)
    {
        (Backend, Proxy) = (backend, proxy);
        Players = new MatchApiClient(new LoadSettings { TargetUrl = new Uri($"http://127.0.0.1:{port}") }, CallLimits.Default);
    }

    public RunningProgram Backend { get; }

    public RunningProgram Proxy { get; }

    /// <summary>The match API, through the proxy.</summary>
    public MatchApiClient Players { get; }

    /// <summary>Starts both, and waits until they serve and the servers are on standby.</summary>
    public static async Task<BenchStack> StartAsync(BenchPrograms programs, StoresOfRun stores)
    {
        var (backendPort, proxyPort) = (FreePort.Next(), FreePort.Next());
        var backend = programs.StartBackend(programs.BuiltFolder("Backend"), backendPort, stores);
        var proxy = programs.StartProxy(programs.BuiltFolder("Proxy"), proxyPort, backendPort);
        using var door = new ContractClient(new Uri($"http://127.0.0.1:{proxyPort}"));
        await backend.WaitUntilListeningAsync();
        await proxy.WaitUntilHealthyAsync(door, Waits.Patient);
        await Task.Delay(TimeSpan.FromSeconds(2));
        return new BenchStack(backend, proxy, proxyPort);
    }

    public async ValueTask DisposeAsync()
    {
        Players.Dispose();
        await Proxy.DisposeAsync();
        await Backend.DisposeAsync();
    }
}
