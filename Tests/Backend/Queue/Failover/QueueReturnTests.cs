using GameStack.Backend;
using GameStack.Backend.Queue;
using GameStack.Backend.Queue.Redis;
using GameStack.Backend.Records;
using GameStack.Tests.Backend.Matches;
using GameStack.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.Queue.Failover;

public sealed class QueueReturnTests(RedisFixture redis)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_return_to_an_empty_Redis_that_was_broken_off_begins_anew()
    {
        var options = TestRules.Of(size: 2);
        await using var queues = await RedisQueues.StartAsync(redis, options);
        var claim = new MatchClaim(Guid.NewGuid(), ["p1", "p2"], [], DateTimeOffset.UtcNow, 1);
        var server = MatchQueueTests.Server(claim);
        var fleet = new FakeFleet(server) { IsUnavailable = true };
        var backend = new FailoverBackend(queues, options, fleet);
        await backend.Redis.Return.ReopenAsync(lost: false, brief: false, Token);
        backend.Ledger.Joining("waiting", "");
        backend.Ledger.Assigned(claim, server);

        await queues.LoseEverythingAsync();
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => backend.Return.RunAsync(Token));
        fleet.IsUnavailable = false;
        await backend.Return.RunAsync(Token);

        Assert.Equal(["waiting"], await queues.WaitingAsync());
        Assert.Equal((PlayerPhase.Matched, claim.MatchId), await PlaceAsync(backend.Redis.Queue, "p1"));
    }

    [Fact]
    public async Task An_end_that_is_told_late_leaves_the_match_alone_that_another_backend_gave_another_server()
    {
        var options = TestRules.Of(size: 2, lease: 0);
        await using var queues = await RedisQueues.StartAsync(redis, options, backends: 2);
        var backend = new FailoverBackend(queues, options, new FakeFleet());
        var claim = await MatchQueueTests.FormAsync(queues.Queue, "p1", "p2");
        var lost = MatchQueueTests.Server(claim);
        backend.Ledger.Assigned(claim, lost);
        var taken = Assert.Single((await queues.Backends[1].AdvanceAsync(Token)).Claims);
        var played = lost with { Port = lost.Port + 1 };
        Assert.True(await queues.Backends[1].AssignAsync(taken, played, Token));

        Assert.NotNull(backend.Ledger.End(claim.MatchId, lost, EndedBy.Server));
        await backend.Return.RunAsync(Token);

        Assert.Equal((PlayerPhase.Matched, claim.MatchId), await PlaceAsync(queues.Queue, "p1"));
        Assert.Empty(backend.Ledger.UntoldEnds);
    }

    [Fact]
    public async Task Players_who_wait_in_memory_go_on_in_Redis_in_the_order_of_their_joins()
    {
        var options = TestRules.Of(size: 3);
        await using var queues = await RedisQueues.StartAsync(redis, options);
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var backend = new FailoverBackend(queues, options, new FakeFleet(), time);
        await backend.Memory.Queue.JoinAsync("z", "", Token);
        time.Advance(TimeSpan.FromMinutes(1));
        await backend.Memory.Queue.JoinAsync("a", "", Token);

        await backend.Return.RunAsync(Token);

        Assert.Equal(["z", "a"], await queues.WaitingAsync());
        Assert.Equal(PlayerPhase.Unknown, (await backend.Memory.Queue.FindAsync("z", Token)).Phase);
    }

    private static async Task<(PlayerPhase Phase, Guid MatchId)> PlaceAsync(RedisMatchQueue queue, string player)
    {
        var state = await queue.FindAsync(player, Token);
        return (state.Phase, state.MatchId);
    }
}
