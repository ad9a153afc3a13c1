namespace GameStack.Tests.Backend.GameServers.Kubernetes;

public sealed class OrphanedPodsTests
{
    private static readonly HashSet<string> NoBackends = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("claimed")]
    [InlineData("stanby")]
    [InlineData(null)]
    public async Task A_pod_that_is_neither_on_standby_nor_a_matchs_is_deleted_after_a_minute(string? pool)
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var pod = await UnclearAsync(cluster, backend, pool);

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

    [Theory]
    [InlineData("ended")]
    [InlineData("restarted")]
    public async Task A_pod_that_has_ended_after_its_annotations_were_removed_is_deleted_after_a_minute(string what)
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var pod = Assert.Single(cluster.PodNames);
        cluster.Claim(pod, Guid.NewGuid(), "default");
        cluster.Edit(pod, "annotations", "gamestack/session", null);
        cluster.Edit(pod, "annotations", "gamestack/backend", null);
        if (what == "ended")
        {
            cluster.End(pod);
        }
        else
        {
            cluster.Restart(pod);
        }

        await backend.WaitAsync(() =>
            backend.Catalog.Get(pod) is { IsUnclear: true } there && (there.Gone is not null || there.Restarts > 0));
        await backend.Orphans.EndAsync(NoBackends, Token);

        await EndAfterAsync(backend, TimeSpan.FromSeconds(60));

        Assert.False(cluster.HasPod(pod));
    }

    [Theory]
    [InlineData("unused", true)]
    [InlineData("restarted", true)]
    [InlineData("playing", false)]
    [InlineData("of an unknown backend", false)]
    [InlineData("of a living backend", false)]
    public async Task A_pod_of_another_queue_is_deleted_if_its_backend_is_gone_and_its_server_has_no_match(string what, bool isDeleted)
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var (pod, match) = (Assert.Single(cluster.PodNames), Guid.NewGuid());
        if (what is "restarted" or "playing")
        {
            cluster.ServerOf(pod).Assign(match);
        }

        cluster.Claim(pod, match, "ranked");
        if (what == "restarted")
        {
            cluster.Restart(pod);
        }

        await backend.WaitAsync(() => backend.Catalog.Foreign.Any(foreign => (foreign.Gone is not null) == (what == "restarted")));
        HashSet<string>? others = what switch
        {
            "of a living backend" => ["backend-of-ranked"],
            "of an unknown backend" => null,
            _ => NoBackends,
        };
        await backend.Orphans.EndAsync(others, Token);
        await EndAfterAsync(backend, TimeSpan.FromSeconds(299), others);
        Assert.True(cluster.HasPod(pod));

        await EndAfterAsync(backend, TimeSpan.FromSeconds(1), others);

        Assert.Equal(!isDeleted, cluster.HasPod(pod));
        Assert.Equal(isDeleted ? 1 : 0, backend.Logs.Of(464).Count);
    }

    private static async Task<string> UnclearAsync(FakeCluster cluster, FakeClusterBackend backend, string? pool = "claimed")
    {
        var pod = Assert.Single(cluster.PodNames);
        cluster.Edit(pod, "labels", "pool", pool);
        await backend.WaitAsync(() => backend.Catalog.Get(pod) is { IsUnclear: true });
        await backend.Orphans.EndAsync(NoBackends, Token);
        return pod;
    }

    private static Task EndAfterAsync(FakeClusterBackend backend, TimeSpan time, HashSet<string>? others = null)
    {
        backend.Clock.Advance(time);
        return backend.Orphans.EndAsync(others, Token);
    }
}
