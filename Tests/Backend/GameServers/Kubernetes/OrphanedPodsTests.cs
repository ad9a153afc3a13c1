namespace GameStack.Tests.Backend.GameServers.Kubernetes;

public sealed class OrphanedPodsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pod_that_is_claimed_without_a_match_is_deleted_after_a_minute()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var pod = await UnclearAsync(cluster, backend);

        await EndAfterAsync(backend, TimeSpan.FromSeconds(59));
        Assert.True(cluster.HasPod(pod));
        await EndAfterAsync(backend, TimeSpan.FromSeconds(1));

        Assert.False(cluster.HasPod(pod));
        Assert.Single(backend.Logs.Of(461));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_left_for_five_minutes_if_its_server_may_have_a_match(bool isSilent)
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var pod = await UnclearAsync(cluster, backend);
        cluster.ServerOf(pod).Assign(Guid.NewGuid());
        if (isSilent)
        {
            cluster.ServerOf(pod).CloseControlPort();
        }

        await EndAfterAsync(backend, TimeSpan.FromSeconds(299));
        Assert.True(cluster.HasPod(pod));
        await EndAfterAsync(backend, TimeSpan.FromSeconds(1));

        Assert.False(cluster.HasPod(pod));
    }

    private static async Task<string> UnclearAsync(FakeCluster cluster, FakeClusterBackend backend)
    {
        var pod = Assert.Single(cluster.PodNames);
        cluster.Edit(pod, "labels", "pool", "claimed");
        await backend.WaitAsync(() => backend.Catalog.Get(pod) is { IsUnclear: true });
        await backend.Orphans.EndAsync(Token);
        return pod;
    }

    private static Task EndAfterAsync(FakeClusterBackend backend, TimeSpan time)
    {
        backend.Clock.Advance(time);
        return backend.Orphans.EndAsync(Token);
    }
}
