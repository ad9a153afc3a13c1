namespace GameStack.Tests.Cluster;

/// <summary>Players outside the cluster, each match on a NodePort: what a studio sees, and what happens when something breaks.</summary>
public abstract class ClusterTests(ClusterStack cluster) : IAsyncLifetime
{
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private protected ClusterStack Cluster => cluster;

    private protected ClusterPods Pods => cluster.Pods;

    private protected ClusterPlayers Players => new(cluster.Proxy);

    private protected abstract string Overlay { get; }

    public async ValueTask InitializeAsync() => await cluster.UseAsync(Overlay);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
