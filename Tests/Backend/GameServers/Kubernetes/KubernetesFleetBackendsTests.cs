namespace GameStack.Tests.Backend.GameServers.Kubernetes;

/// <summary>What the fleet tells of the backends that have taken its servers.</summary>
public sealed class KubernetesFleetBackendsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_names_the_backend_that_claimed_it()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, name: "backend-7", standby: 1);
        await backend.PlayAsync();

        Assert.Equal("backend-7", Assert.Single(await backend.Fleet.ListAsync(Token)).Backend);
    }

    [Fact]
    public async Task A_backend_may_run_until_the_API_server_says_that_its_pod_is_gone()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var pod = Assert.Single(cluster.PodNames); // Any pod will do.

        Assert.True(await backend.Fleet.MayRunAsync(pod, Token));
        Assert.False(await backend.Fleet.MayRunAsync("gone", Token));
        cluster.Refuse = _ => (500, "etcd is gone");
        Assert.True(await backend.Fleet.MayRunAsync("gone", Token));
    }
}
