using GameStack.Backend.Queue;
using GameStack.Backend.Records;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.Queue.Memory;

public sealed class InMemoryMatchQueueTests : MatchQueueTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private MemoryBackend _backend = null!;

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
        await queue.EndAsync(claim.MatchId, onlyOn: null, EndedBy.Anyone, Token);

        _time.Advance(TimeSpan.FromHours(1));
        await queue.AdvanceAsync(Token);

        Assert.Equal(PlayerPhase.Unknown, (await queue.FindAsync("p1", Token)).Phase);
        Assert.Equal(EndOutcome.Unknown, await queue.EndAsync(claim.MatchId, onlyOn: null, EndedBy.Anyone, Token));
    }

    [Fact]
    public async Task Whoever_follows_a_player_hears_of_the_match()
    {
        var queue = await CreateAsync(size: 2);
        using var subscription = _backend.Waiters.Subscribe("p1");
        var claim = await FormAsync(queue, "p1", "p2");
        await queue.AssignAsync(claim, Server(claim), Token);

        Assert.Equal(claim.MatchId, (await subscription.Changes.ReadAsync(Token)).MatchId);
    }

    [Fact]
    public async Task A_player_not_heard_of_leaves_and_is_told()
    {
        var queue = await CreateAsync(size: 3, min: 3);
        await queue.JoinAsync("p1", "", Token);
        using var subscription = _backend.Waiters.Subscribe("p1");

        _time.Advance(TestRules.Silence);
        await queue.AdvanceAsync(Token);

        Assert.Equal(PlayerPhase.Unknown, (await queue.FindAsync("p1", Token)).Phase);
        Assert.Equal(PlayerPhase.Unknown, (await subscription.Changes.ReadAsync(Token)).Phase);
    }

    [Fact]
    public async Task A_player_heard_of_stays()
    {
        var queue = await CreateAsync(size: 3, min: 3);
        await queue.JoinAsync("p1", "", Token);
        _time.Advance(TestRules.Silence / 2);
        await queue.HearAsync(["p1"], Token);

        _time.Advance(TestRules.Silence / 2);

        Assert.Equal(TestRules.Silence / 2, (await queue.AdvanceAsync(Token)).NextDue);
        Assert.Equal(PlayerPhase.Pending, (await queue.FindAsync("p1", Token)).Phase);
    }

    [Fact]
    public async Task No_silent_player_is_matched_by_the_join_of_another()
    {
        var queue = await CreateAsync(size: 2);
        await queue.JoinAsync("silent", "", Token);
        _time.Advance(TestRules.Silence);

        Assert.Null((await queue.JoinAsync("p1", "", Token)).Formed);
        Assert.Equal(["p1", "p2"], (await queue.JoinAsync("p2", "", Token)).Formed!.Players);
    }

    [Fact]
    public async Task Without_Redis_all_matches_are_found()
    {
        var queue = await CreateAsync(size: 2);
        var claimed = await FormAsync(queue, "p1", "p2");
        var live = await FormAsync(queue, "p3", "p4");
        await queue.AssignAsync(live, Server(live), Token);

        var list = await queue.FindMatchesAsync([claimed.MatchId, live.MatchId], Token);

        Assert.True(list.IsComplete);
        Assert.Equal([claimed.MatchId], list.Claimed);
        var match = Assert.Single(list.Live);
        Assert.Equal((Server(live), "backend-0", true), (match.Server, match.Owner, match.OwnerAlive));
    }

    internal override Task<IMatchQueue> CreateAsync(int size, int min = 2, double flush = 3_600)
    {
        _backend = new MemoryBackend(TestRules.Of(size, min, flush), _time);
        Outbox = _backend.Outbox;
        return Task.FromResult<IMatchQueue>(_backend.Queue);
    }

    /// <summary>Time stands still.</summary>
    internal override Task HoldPauseAsync() => Task.CompletedTask;

    internal override async Task<MatchClaim> AdvanceAfterPauseAsync(IMatchQueue queue)
    {
        _time.Advance((await queue.AdvanceAsync(Token)).NextDue!.Value);
        return Assert.Single((await queue.AdvanceAsync(Token)).Claims);
    }
}
