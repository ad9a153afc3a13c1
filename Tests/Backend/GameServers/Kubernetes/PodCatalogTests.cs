using GameStack.Backend.GameServers.Kubernetes;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

public sealed class PodCatalogTests
{
    private static readonly Guid Match = Guid.NewGuid();

    private readonly PodCatalog _catalog = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Each_standby_pod_is_given_out_once()
    {
        _catalog.Replace([GameServerPod.Of(TestPods.Standby("a")), GameServerPod.Of(TestPods.Standby("b"))]);

        string?[] given = [_catalog.TakeStandby()?.Name, _catalog.TakeStandby()?.Name, _catalog.TakeStandby()?.Name];

        Assert.Equal(["a", "b", null], given.OrderBy(name => name ?? "z"));
        Assert.Equal(0, _catalog.StandbyCount);
    }

    [Fact]
    public void A_pod_that_could_not_be_tried_is_given_out_again()
    {
        var pod = GameServerPod.Of(TestPods.Standby());
        _catalog.Replace([pod]);
        Assert.Equal(pod, _catalog.TakeStandby());

        _catalog.PutBack(pod);

        Assert.Equal(pod, _catalog.TakeStandby());
    }

    [Fact]
    public void A_pod_that_is_not_ready_is_not_given_out()
    {
        var pod = TestPods.Standby();
        pod.Status.Conditions[0].Status = "False";
        _catalog.Replace([GameServerPod.Of(pod)]);

        Assert.Null(_catalog.TakeStandby());
    }

    [Fact]
    public async Task The_end_of_a_claimed_pod_is_told_once_however_often_it_is_heard_of()
    {
        var pod = TestPods.Claimed(Match);
        _catalog.Replace([GameServerPod.Of(pod)]);
        pod.Metadata.DeletionTimestamp = DateTime.UtcNow;
        _catalog.Set(GameServerPod.Of(pod));
        _catalog.Remove(GameServerPod.Of(pod));
        var other = TestPods.Claimed(Guid.NewGuid(), "other");
        _catalog.Set(GameServerPod.Of(other));
        _catalog.Replace([]);

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
        _catalog.Replace([GameServerPod.Of(pod)]);
        pod.Status.PodIP = null;
        pod.Status.Phase = "Failed";
        _catalog.Set(GameServerPod.Of(pod));

        await using var gone = _catalog.GoneAsync(Token).GetAsyncEnumerator(Token);
        Assert.True(await gone.MoveNextAsync());
        Assert.Equal(("10.0.0.7", Match), (gone.Current.Ip, gone.Current.MatchId));
    }

    [Fact]
    public void A_pod_that_was_given_up_is_not_found_for_its_match_again()
    {
        var pod = GameServerPod.Of(TestPods.Claimed(Match));
        _catalog.Replace([pod]);
        Assert.Equal(pod, _catalog.Find(Match));

        _catalog.GiveUp(pod);

        Assert.Null(_catalog.Find(Match));
    }

    [Fact]
    public async Task Who_waits_is_woken_by_the_change()
    {
        var waiting = _catalog.WaitAsync(all => all.TakeStandby(), Token);
        Assert.False(waiting.IsCompleted);

        _catalog.Set(GameServerPod.Of(TestPods.Standby("a")));

        Assert.Equal("a", (await waiting).Name);
    }

    [Fact]
    public async Task One_of_the_same_name_is_another_pod()
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
}
