using GameStack.Backend.GameServers.Kubernetes;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

public sealed class PodCatalogTests
{
    private const string Backend = "backend-1";

    private static readonly Guid Match = Guid.NewGuid();

    private readonly PodCatalog _catalog = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Each_standby_pod_is_given_out_once()
    {
        Replace([GameServerPod.Of(TestPods.Standby("a")), GameServerPod.Of(TestPods.Standby("b"))]);

        string?[] given = [_catalog.TakeStandby(Backend)?.Name, _catalog.TakeStandby(Backend)?.Name, _catalog.TakeStandby(Backend)?.Name];

        Assert.Equal(["a", "b", null], given.OrderBy(name => name ?? "z"));
        Assert.Equal(0, _catalog.StandbyCount);
    }

    [Fact]
    public void Backends_that_know_of_each_other_begin_with_different_pods_and_take_any_in_the_end()
    {
        GameServerPod[] standby = [.. Enumerable.Range(0, 20).Select(number => GameServerPod.Of(TestPods.Standby($"pod-{number}")))];
        GameServerPod[] claimed = [.. new[] { "backend-1", "backend-2" }.Select(ClaimedBy)];
        PodCatalog[] catalogs = [_catalog, new()];
        foreach (var catalog in catalogs)
        {
            catalog.Replace([.. standby, .. claimed], catalog.Changes);
        }

        var first = Taken(catalogs[0], "backend-1");
        var second = Taken(catalogs[1], "backend-2");

        Assert.Equal((20, 20), (first.Distinct().Count(), second.Distinct().Count()));
        Assert.Contains(Enumerable.Range(1, 19), count => !first.Take(count).Intersect(second.Take(20 - count)).Any());

        static List<string> Taken(PodCatalog catalog, string backend)
        {
            List<string> names = [];
            while (catalog.TakeStandby(backend) is { } pod)
            {
                names.Add(pod.Name);
            }

            return names;
        }

        static GameServerPod ClaimedBy(string backend)
        {
            var pod = TestPods.Claimed(Guid.NewGuid(), $"of-{backend}");
            pod.Metadata.Annotations["gamestack/backend"] = backend;
            return GameServerPod.Of(pod);
        }
    }

    [Fact]
    public void A_pod_that_could_not_be_tried_is_given_out_again()
    {
        var pod = GameServerPod.Of(TestPods.Standby());
        Replace([pod]);
        Assert.Equal(pod, _catalog.TakeStandby(Backend));

        _catalog.PutBack(pod);

        Assert.Equal(pod, _catalog.TakeStandby(Backend));
    }

    [Fact]
    public void A_pod_that_is_not_ready_is_not_given_out()
    {
        var pod = TestPods.Standby();
        pod.Status.Conditions[0].Status = "False";
        Replace([GameServerPod.Of(pod)]);

        Assert.Null(_catalog.TakeStandby(Backend));
    }

    [Fact]
    public async Task The_end_of_a_claimed_pod_is_reported_once()
    {
        var pod = TestPods.Claimed(Match);
        Replace([GameServerPod.Of(pod)]);
        pod.Metadata.DeletionTimestamp = DateTime.UtcNow;
        _catalog.Set(GameServerPod.Of(pod));
        _catalog.Remove(GameServerPod.Of(pod));
        var other = TestPods.Claimed(Guid.NewGuid(), "other");
        _catalog.Set(GameServerPod.Of(other));
        Replace([]);

        await using var gone = _catalog.GoneAsync(Token).GetAsyncEnumerator(Token);
        Assert.True(await gone.MoveNextAsync());
        Assert.Equal(pod.Metadata.Uid, gone.Current.Uid);
        Assert.True(await gone.MoveNextAsync());
        Assert.Equal(other.Metadata.Uid, gone.Current.Uid);
    }

    [Fact]
    public async Task A_pod_that_is_missing_from_the_next_list_is_gone_with_the_address_it_had()
    {
        var pod = TestPods.Claimed(Match);
        Replace([GameServerPod.Of(pod)]);
        pod.Status.PodIP = null;
        pod.Status.Phase = "Failed";
        _catalog.Set(GameServerPod.Of(pod));

        await using var gone = _catalog.GoneAsync(Token).GetAsyncEnumerator(Token);
        Assert.True(await gone.MoveNextAsync());
        Assert.Equal(("10.0.0.7", Match), (gone.Current.Ip, gone.Current.MatchId));
    }

    [Fact]
    public void An_abandoned_pod_is_not_found_for_its_match_again()
    {
        var pod = GameServerPod.Of(TestPods.Claimed(Match));
        Replace([pod]);
        Assert.Equal(pod, _catalog.Find(Match));

        _catalog.Abandon(pod);

        Assert.Null(_catalog.Find(Match));
    }

    [Fact]
    public async Task A_caller_that_waits_is_woken_by_the_change()
    {
        var waiting = _catalog.WaitUntilAsync(() => _catalog.StandbyCount == 1, Token);
        Assert.False(waiting.IsCompleted);

        _catalog.Set(GameServerPod.Of(TestPods.Standby("a")));

        await waiting;
    }

    [Fact]
    public async Task Another_pod_may_get_the_same_name()
    {
        var first = GameServerPod.Of(TestPods.Claimed(Match, "game-server-1"));
        var second = GameServerPod.Of(TestPods.Claimed(Match, "game-server-1"));
        _catalog.Set(first);
        _catalog.Set(second);
        _catalog.Remove(first);

        Assert.Equal(second.Uid, _catalog.Find(Match)?.Uid);
        await using var gone = _catalog.GoneAsync(Token).GetAsyncEnumerator(Token);
        Assert.True(await gone.MoveNextAsync());
        Assert.Equal(first.Uid, gone.Current.Uid);
    }

    [Fact]
    public async Task A_pod_that_is_made_while_a_list_is_on_its_way_stays()
    {
        var old = GameServerPod.Of(TestPods.Claimed(Guid.NewGuid(), "old"));
        _catalog.Set(old);
        var since = _catalog.Changes;
        var made = GameServerPod.Of(TestPods.Claimed(Match, "game-server-1"));
        _catalog.Set(made);

        _catalog.Replace([], since);

        Assert.Equal(made, Assert.Single(_catalog.All));
        Replace([]);
        Assert.Empty(_catalog.All);
        await using var gone = _catalog.GoneAsync(Token).GetAsyncEnumerator(Token);
        Assert.True(await gone.MoveNextAsync());
        Assert.Equal(old.Uid, gone.Current.Uid);
    }

    [Fact]
    public void A_pod_that_is_claimed_while_a_list_is_on_its_way_does_not_stand_by_again()
    {
        var (standby, claimed) = StandbyAndClaimed();
        Replace([standby]);
        var since = _catalog.Changes;
        _catalog.Set(claimed);

        _catalog.Replace([standby], since);

        Assert.Equal(claimed, _catalog.Find(Match));
        Assert.Equal((0, 1), (_catalog.StandbyCount, _catalog.ClaimedCount));
    }

    [Fact]
    public void A_pod_that_was_claimed_does_not_stand_by_again_when_an_older_change_arrives()
    {
        var (standby, claimed) = StandbyAndClaimed();
        Replace([standby]);
        _catalog.Set(claimed);

        _catalog.Set(standby);

        Assert.Equal(claimed, _catalog.Find(Match));
        Assert.Null(_catalog.TakeStandby(Backend));
    }

    [Fact]
    public void A_pod_that_another_queue_has_claimed_does_not_stand_by_again_when_an_older_change_arrives()
    {
        var (standby, claimed) = StandbyAndClaimed();
        _catalog.Forget(claimed);

        _catalog.Set(standby);

        Assert.Empty(_catalog.All);
    }

    [Fact]
    public void A_list_that_was_requested_after_the_last_change_counts_even_if_its_versions_are_older()
    {
        var (standby, claimed) = StandbyAndClaimed();
        Replace([claimed]);

        Replace([standby]);

        Assert.Equal(standby, _catalog.TakeStandby(Backend));
    }

    [Fact]
    public void A_pod_whose_name_another_has_taken_while_a_list_was_on_its_way_does_not_come_back()
    {
        var first = GameServerPod.Of(TestPods.Claimed(Match, "game-server-1"));
        _catalog.Set(first);
        var since = _catalog.Changes;
        var second = GameServerPod.Of(TestPods.Claimed(Match, "game-server-1"));
        _catalog.Set(second);

        _catalog.Replace([first], since);

        Assert.Equal(second, Assert.Single(_catalog.All));
    }

    [Fact]
    public void A_newer_state_in_a_list_of_a_pod_that_was_created_meanwhile_is_kept()
    {
        var pod = TestPods.Claimed(Match);
        pod.Metadata.ResourceVersion = "10";
        var started = GameServerPod.Of(pod);
        (pod.Status, pod.Metadata.ResourceVersion) = (null, "9");
        var since = _catalog.Changes;
        _catalog.Set(GameServerPod.Of(pod));

        _catalog.Replace([started], since);

        Assert.Equal(started, _catalog.Find(Match));
    }

    [Fact]
    public async Task A_pod_that_another_queue_claims_is_forgotten_and_its_match_does_not_end_here()
    {
        var standby = TestPods.Standby("a");
        Replace([GameServerPod.Of(standby)]);
        var claimed = TestPods.Claimed(Match, "a");
        claimed.Metadata.Uid = standby.Metadata.Uid;
        var own = GameServerPod.Of(TestPods.Claimed(Guid.NewGuid(), "own"));

        _catalog.Forget(GameServerPod.Of(claimed));
        _catalog.Set(own);
        _catalog.Remove(own);

        Assert.Empty(_catalog.All);
        await using var gone = _catalog.GoneAsync(Token).GetAsyncEnumerator(Token);
        Assert.True(await gone.MoveNextAsync());
        Assert.Equal(own.Uid, gone.Current.Uid);
    }

    [Fact]
    public void The_ports_of_other_queues_pods_are_taken_too()
    {
        _catalog.Set(WithPort("own", 7001));
        _catalog.Forget(WithPort("foreign", 7002));
        Assert.Equal([7001, 7002], _catalog.HostPorts.Order());

        _catalog.Remove(WithPort("foreign", 7002));
        Assert.Equal([7001], _catalog.HostPorts);
    }

    [Fact]
    public void A_pod_that_refuses_this_backend_is_given_out_again_when_its_program_was_restarted()
    {
        var pod = TestPods.Standby();
        Replace([GameServerPod.Of(pod)]);
        _catalog.Refuse(_catalog.TakeStandby(Backend)!);
        Assert.Equal((0, 1), (_catalog.StandbyCount, _catalog.RefusingCount));

        pod.Status.ContainerStatuses[0].RestartCount = 1;
        _catalog.Set(GameServerPod.Of(pod));

        Assert.Equal((1, 0), (_catalog.StandbyCount, _catalog.RefusingCount));
    }

    [Fact]
    public void A_pod_that_went_back_to_standby_is_given_out_again()
    {
        var pod = TestPods.Standby("a");
        Replace([GameServerPod.Of(pod)]);
        Assert.NotNull(_catalog.TakeStandby(Backend));
        var claimed = TestPods.Claimed(Match, "a");
        claimed.Metadata.Uid = pod.Metadata.Uid;
        _catalog.Set(GameServerPod.Of(claimed));

        _catalog.Set(GameServerPod.Of(pod));

        Assert.NotNull(_catalog.TakeStandby(Backend));
    }

    /// <summary>A pod before and after its claim.</summary>
    private static (GameServerPod Standby, GameServerPod Claimed) StandbyAndClaimed()
    {
        var pod = TestPods.Standby();
        pod.Metadata.ResourceVersion = "9";
        var standby = GameServerPod.Of(pod);
        var claimed = TestPods.Claimed(Match);
        (claimed.Metadata.Uid, claimed.Metadata.ResourceVersion) = (pod.Metadata.Uid, "10");
        return (standby, GameServerPod.Of(claimed));
    }

    private static GameServerPod WithPort(string name, int hostPort)
    {
        var pod = TestPods.Claimed(Match, name);
        pod.Spec.Containers[0].Ports[0].HostPort = hostPort;
        return GameServerPod.Of(pod);
    }

    private void Replace(IReadOnlyCollection<GameServerPod> pods) => _catalog.Replace(pods, _catalog.Changes);
}
