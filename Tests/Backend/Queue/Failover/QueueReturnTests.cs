using GameStack.Backend;
using GameStack.Backend.GameServers;
using GameStack.Backend.Queue;
using GameStack.Backend.Queue.Failover;
using GameStack.Backend.Queue.Memory;
using GameStack.Backend.Queue.Redis;
using GameStack.Backend.Records;
using GameStack.Tests.Backend.Matches;
using GameStack.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.Queue.Failover;

public sealed class QueueReturnTests(RedisFixture redis)
{
    private readonly BackendIdentity _identity = new("backend", "backend-0");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_return_to_an_empty_Redis_that_was_broken_off_begins_anew()
    {
        var options = QueueRules.Of(size: 2);
        await using var queues = await RedisQueues.StartAsync(redis, options);
        var queue = queues.Backend(_identity);
        var bring = queues.Return(_identity);
        await bring.ReopenAsync(Token);
        var ledger = new QueueLedger(_identity, TimeProvider.System);
        ledger.Joining("waiting", "");
        var claim = new MatchClaim(Guid.NewGuid(), ["p1", "p2"], [], DateTimeOffset.UtcNow, 1);
        var server = MatchQueueTests.Server(claim);
        ledger.Assigned(claim, server);
        var fleet = new BrokenFleet(server);
        var queueReturn = Return(queue, bring, options, ledger, fleet);

        await queues.LoseEverythingAsync();
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => queueReturn.RunAsync(Token));
        fleet.IsMended = true;
        await queueReturn.RunAsync(Token);

        Assert.Equal(["waiting"], await queues.WaitingAsync());
        Assert.Equal((PlayerPhase.Matched, claim.MatchId), await PlaceAsync(queue, "p1"));
    }

    [Fact]
    public async Task An_end_that_is_told_late_leaves_the_match_alone_that_another_backend_gave_another_server()
    {
        var options = QueueRules.Of(size: 2, lease: 0);
        await using var queues = await RedisQueues.StartAsync(redis, options, backends: 2);
        var claim = await MatchQueueTests.FormAsync(queues.Queue, "p1", "p2");
        var ledger = new QueueLedger(_identity, TimeProvider.System);
        var lost = MatchQueueTests.Server(claim);
        ledger.Assigned(claim, lost);
        var taken = Assert.Single((await queues.Backends[1].AdvanceAsync(Token)).Claims);
        var played = lost with { Port = lost.Port + 1 };
        Assert.True(await queues.Backends[1].AssignAsync(taken, played, Token));

        Assert.NotNull(ledger.End(claim.MatchId, lost));
        await Return(queues.Queue, queues.Returns[0], options, ledger, new BrokenFleet()).RunAsync(Token);

        Assert.Equal((PlayerPhase.Matched, claim.MatchId), await PlaceAsync(queues.Queue, "p1"));
        Assert.Empty(ledger.UntoldEnds);
    }

    private static async Task<(PlayerPhase Phase, Guid MatchId)> PlaceAsync(RedisMatchQueue queue, string player)
    {
        var state = await queue.FindAsync(player, Token);
        return (state.Phase, state.MatchId);
    }

    private QueueReturn Return(
        RedisMatchQueue queue, RedisReturn bring, IOptions<MatchmakingOptions> options, QueueLedger ledger, IGameServerFleet fleet)
    {
        var memory = new MemoryHandover(new MemoryState(options, _identity, TimeProvider.System), new QueueSignals());
        return new QueueReturn(queue, bring, memory, ledger, fleet, new NullMatchRecords(), NullLogger<QueueReturn>.Instance);
    }
}
