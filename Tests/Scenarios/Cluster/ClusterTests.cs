using GameStack.Tests.Support;
using k8s.Models;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>Tests on the shared deployment; each begins with a full pool and nobody playing.</summary>
public abstract class ClusterTests(ClusterStack cluster) : IAsyncLifetime
{
    /// <summary>What a stack trace of ours has in a log.</summary>
    private protected const string Trace = "   at GameStack.";

    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly DateTime _startedAt = DateTime.UtcNow;

    private protected ClusterStack Cluster => cluster;

    private protected ClusterPods Pods => cluster.Pods;

    private protected ClusterPlayers Players => new(cluster.Proxy);

    private protected abstract string Overlay { get; }

    /// <summary>The pod of a player's match; one that the match was not given after all may still be ending.</summary>
    private protected async Task<V1Pod> PodOfAsync(Seat seat) =>
        Assert.Single(await Pods.ListAsync($"app=game-server,session_id={seat.SessionId}"), pod => pod.Metadata.DeletionTimestamp is null);

    /// <summary>What the backends have logged since the test began; a pod that has no log yet is left out.</summary>
    private protected Task<string> LogAsync(CancellationToken cancellationToken) => CommandLine.RunAsync(
        "kubectl",
        [
            "--namespace", ClusterStack.Place, "logs", "--selector=app=backend", "--tail=-1", "--ignore-errors",
            $"--since-time={_startedAt:O}",
        ],
        cancellationToken);

    private protected static Task<string> ExecuteAsync(string pod, string script) =>
        Kubectl.RunAsync("--namespace", ClusterStack.Place, "exec", pod, "--", "/bin/sh", "-c", script);

    public async ValueTask InitializeAsync() => await cluster.UseAsync(Overlay);

    /// <summary>Of a test that failed, keeps what the cluster has now.</summary>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (TestContext.Current is { TestState.Result: TestResult.Failed, TestOutputHelper: { } output })
        {
            output.WriteLine(await Kubectl.RunAsync("--namespace", ClusterStack.Place, "get", "pods", "--show-labels"));
            output.WriteLine(await Kubectl.RunAsync(
                "--namespace", ClusterStack.Place, "logs", "--selector=app=backend", "--prefix", "--tail=20"));
        }
    }
}
