using GameStack.Backend;
using GameStack.Backend.Queue;
using GameStack.Backend.Queue.Memory;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.Queue.Memory;

public sealed class InMemoryMatchQueueTests : MatchQueueTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly PlayerWaiters _waiters = new();

    [Fact]
    public async Task Those_who_wait_are_flushed_when_the_oldest_has_waited_long_enough()
    {
        var queue = await CreateAsync(size: 5, min: 2, flush: 15);
        await queue.JoinAsync("p1", "", Token);
        _time.Advance(TimeSpan.FromSeconds(14));
        await queue.JoinAsync("p2", "", Token);
        Assert.Equal(TimeSpan.FromSeconds(1), (await queue.AdvanceAsync(Token)).NextDue);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(["p1", "p2"], Assert.Single((await queue.AdvanceAsync(Token)).Claims).Players);
    }

    [Fact]
    public async Task A_match_that_ended_long_ago_is_forgotten()
    {
        var queue = await CreateAsync(size: 2);
        var claim = await FormAsync(queue, "p1", "p2");
        await queue.AssignAsync(claim, Server(claim), Token);
        await queue.EndAsync(claim.MatchId, onlyOn: null, Token);

        _time.Advance(TimeSpan.FromHours(1));
        await queue.AdvanceAsync(Token);

        Assert.Equal(PlayerPhase.Unknown, (await queue.FindAsync("p1", Token)).Phase);
        Assert.Equal(EndOutcome.Unknown, await queue.EndAsync(claim.MatchId, onlyOn: null, Token));
    }

    [Fact]
    public async Task Whoever_follows_a_player_hears_of_the_match()
    {
        var queue = await CreateAsync(size: 2);
        using var subscription = _waiters.Subscribe("p1");
        var claim = await FormAsync(queue, "p1", "p2");
        await queue.AssignAsync(claim, Server(claim), Token);

        Assert.Equal(claim.MatchId, (await subscription.Changes.ReadAsync(Token)).MatchId);
    }

    internal override Task<IMatchQueue> CreateAsync(int size, int min = 2, double flush = 3_600)
    {
        var options = QueueRules.Of(size, min, flush);
        var identity = new BackendIdentity("backend", "backend-0");
        var signals = new QueueSignals();
        var outbox = new MemoryOutbox(signals);
        Outbox = outbox;
        return Task.FromResult<IMatchQueue>(
            new InMemoryMatchQueue(new MemoryState(options, identity, _time), outbox, options, identity, _waiters, signals, _time));
    }

    internal override async Task<MatchClaim> AdvanceUntilFormedAsync(IMatchQueue queue)
    {
        _time.Advance((await queue.AdvanceAsync(Token)).NextDue!.Value);
        return Assert.Single((await queue.AdvanceAsync(Token)).Claims);
    }
}
