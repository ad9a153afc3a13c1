using GameStack.Backend.GameServers;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;
using GameStack.Backend.Tickets;

namespace GameStack.Tests.Backend.Queue;

/// <summary>What every queue promises, wherever it keeps its players.</summary>
public abstract class MatchQueueTests
{
    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_player_who_joins_waits()
    {
        var queue = await CreateAsync(size: 3);

        var outcome = await queue.JoinAsync("p1", "", Token);

        Assert.Equal(PlayerPhase.Pending, outcome.State.Phase);
        Assert.Null(outcome.Formed);
        Assert.Equal(PlayerPhase.Pending, (await queue.FindAsync("p1", Token)).Phase);
    }

    [Fact]
    public async Task The_join_that_fills_a_match_claims_it_in_order_of_joining()
    {
        var queue = await CreateAsync(size: 3);
        await queue.JoinAsync("z", "", Token);
        await queue.JoinAsync("a", "", Token);

        var outcome = await queue.JoinAsync("m", "", Token);

        Assert.Equal(["z", "a", "m"], outcome.Formed!.Players);
        Assert.Equal(1, outcome.Formed.Try);
        Assert.Equal(PlayerPhase.Pending, outcome.State.Phase);
    }

    [Fact]
    public async Task A_player_who_joins_twice_keeps_the_place_in_the_queue()
    {
        var queue = await CreateAsync(size: 3);
        await queue.JoinAsync("first", "", Token);
        await queue.JoinAsync("second", "", Token);
        await queue.JoinAsync("first", "", Token);

        var outcome = await queue.JoinAsync("third", "", Token);

        Assert.Equal(["first", "second", "third"], outcome.Formed!.Players);
    }

    [Fact]
    public async Task Players_are_matched_when_their_match_has_a_server()
    {
        var queue = await CreateAsync(size: 2);
        var claim = await FormAsync(queue, "p1", "p2");

        Assert.True(await queue.AssignAsync(claim, Server(claim), Token));

        var state = await queue.FindAsync("p2", Token);
        Assert.Equal(PlayerPhase.Matched, state.Phase);
        Assert.Equal((claim.MatchId, "127.0.0.1", 4711), (state.MatchId, state.Host, state.Port));
        Assert.Equal(["p1", "p2"], state.Players);
    }

    [Fact]
    public async Task Joining_while_in_a_live_match_gives_that_match()
    {
        var queue = await CreateAsync(size: 2);
        var claim = await FormAsync(queue, "p1", "p2");
        await queue.AssignAsync(claim, Server(claim), Token);

        var outcome = await queue.JoinAsync("p1", "", Token);

        Assert.Equal((PlayerPhase.Matched, claim.MatchId), (outcome.State.Phase, outcome.State.MatchId));
        Assert.Null(outcome.Formed);
    }

    [Fact]
    public async Task A_player_who_joins_while_claimed_is_not_queued_a_second_time()
    {
        var queue = await CreateAsync(size: 2);
        await FormAsync(queue, "p1", "p2");
        await queue.JoinAsync("p1", "", Token);

        Assert.Null((await queue.JoinAsync("p3", "", Token)).Formed);
    }

    [Fact]
    public async Task A_player_who_leaves_is_forgotten_and_joins_at_the_end()
    {
        var queue = await CreateAsync(size: 3);
        await queue.JoinAsync("p1", "", Token);
        await queue.JoinAsync("p2", "", Token);

        Assert.True((await queue.LeaveAsync("p1", Token)).Left);
        Assert.Equal(PlayerPhase.Unknown, (await queue.FindAsync("p1", Token)).Phase);
        Assert.False((await queue.LeaveAsync("p1", Token)).Left);

        await queue.JoinAsync("p3", "", Token);
        Assert.Equal(["p2", "p3", "p1"], (await queue.JoinAsync("p1", "", Token)).Formed!.Players);
    }

    [Fact]
    public async Task A_claimed_match_goes_on_without_the_player_who_leaves_it()
    {
        var queue = await CreateAsync(size: 2);
        var claim = await FormAsync(queue, "p1", "p2");

        Assert.True((await queue.LeaveAsync("p1", Token)).Left);
        await queue.AssignAsync(claim, Server(claim), Token);

        Assert.Equal(PlayerPhase.Unknown, (await queue.FindAsync("p1", Token)).Phase);
        Assert.Equal(["p2"], (await queue.FindAsync("p2", Token)).Players);
    }

    [Fact]
    public async Task Those_who_stay_in_a_claimed_match_keep_the_seats_that_its_server_was_told()
    {
        var queue = await CreateAsync(size: 4);
        var claim = await FormAsync(queue, "p1", "p2", "p3", "p4");
        var server = Server(claim) with { Admission = MatchAdmission.At("server", "127.0.0.1", 4711) };
        await queue.LeaveAsync("p1", Token);
        await queue.LeaveAsync("p3", Token);

        await queue.AssignAsync(claim, server, Token);

        var state = await queue.FindAsync("p4", Token);
        Assert.Equal(["p2", "p4"], state.Players);
        Assert.Equal((1, 3), (state.Admission!.SeatOf(0), state.Admission.SeatOf(1)));
    }

    [Fact]
    public async Task A_claim_that_everybody_left_is_lost()
    {
        var queue = await CreateAsync(size: 2);
        var claim = await FormAsync(queue, "p1", "p2");
        await queue.LeaveAsync("p1", Token);
        await queue.LeaveAsync("p2", Token);

        Assert.False(await queue.AssignAsync(claim, Server(claim), Token));
        Assert.Equal([claim.MatchId], await queue.RenewAsync([claim.MatchId], Token));
    }

    [Fact]
    public async Task A_player_cannot_leave_a_live_match()
    {
        var queue = await CreateAsync(size: 2);
        var claim = await FormAsync(queue, "p1", "p2");
        await queue.AssignAsync(claim, Server(claim), Token);

        Assert.Equal(claim.MatchId, (await queue.LeaveAsync("p1", Token)).LiveMatch);
        Assert.Equal(PlayerPhase.Matched, (await queue.FindAsync("p1", Token)).Phase);
    }

    [Fact]
    public async Task After_the_last_try_the_players_are_at_the_head_of_the_queue_again()
    {
        var queue = await CreateAsync(size: 2);
        var claim = await FormAsync(queue, "p1", "p2");
        await queue.JoinAsync("p3", "", Token);

        Assert.Equal(2, await queue.RetryAsync(claim, Token));
        Assert.Equal(3, await queue.RetryAsync(claim, Token));
        Assert.Null(await queue.RetryAsync(claim, Token));

        Assert.Equal(PlayerPhase.Pending, (await queue.FindAsync("p1", Token)).Phase);
        var again = await AdvanceAfterPauseAsync(queue);
        Assert.Equal(["p1", "p2"], again.Players);
        Assert.NotEqual(claim.MatchId, again.MatchId);
    }

    [Fact]
    public async Task After_three_matches_without_a_server_nobody_new_is_queued_until_one_is_had()
    {
        var queue = await CreateAsync(size: 2);
        var claim = await FormAsync(queue, "p1", "p2");
        await GiveBackAsync(queue, claim);
        Assert.Null((await queue.JoinAsync("early", "", Token)).RetryAfter);
        await queue.LeaveAsync("early", Token);
        await GiveBackAsync(queue, await AdvanceAfterPauseAsync(queue));
        claim = await AdvanceAfterPauseAsync(queue);
        await GiveBackAsync(queue, claim);

        var refused = await queue.JoinAsync("new", "", Token);
        Assert.True(refused.RetryAfter > TimeSpan.Zero, $"{refused}");
        Assert.Null(refused.Formed);
        Assert.Equal(PlayerPhase.Unknown, (await queue.FindAsync("new", Token)).Phase);

        // Who waits already keeps the place, and is told so.
        var waiting = await queue.JoinAsync("p2", "", Token);
        Assert.Null(waiting.RetryAfter);
        Assert.Equal(PlayerPhase.Pending, waiting.State.Phase);

        claim = await AdvanceAfterPauseAsync(queue);
        Assert.Equal(["p1", "p2"], claim.Players);
        Assert.True(await queue.AssignAsync(claim, Server(claim), Token));
        var taken = await queue.JoinAsync("new", "", Token);
        Assert.Null(taken.RetryAfter);
        Assert.Equal(PlayerPhase.Pending, taken.State.Phase);
    }

    [Fact]
    public async Task A_match_ends_once()
    {
        var queue = await CreateAsync(size: 2);
        var claim = await FormAsync(queue, "p1", "p2");
        Assert.Equal(EndOutcome.NotStarted, await queue.EndAsync(claim.MatchId, onlyOn: null, EndedBy.Anyone, Token));
        await queue.AssignAsync(claim, Server(claim), Token);
        Assert.Equal(claim.MatchId, Assert.Single((await queue.FindMatchesAsync([claim.MatchId], Token)).Live).Server.MatchId);
        Assert.Equal(1, await queue.CountLiveAsync(Token));

        Assert.Equal(EndOutcome.Ended, await queue.EndAsync(claim.MatchId, onlyOn: null, EndedBy.Anyone, Token));
        Assert.Equal(EndOutcome.AlreadyEnded, await queue.EndAsync(claim.MatchId, onlyOn: null, EndedBy.Anyone, Token));

        Assert.Equal(EndOutcome.Unknown, await queue.EndAsync(Guid.NewGuid(), onlyOn: null, EndedBy.Anyone, Token));
        Assert.Equal(PlayerState.Ended(claim.MatchId).MatchId, (await queue.FindAsync("p1", Token)).MatchId);
        Assert.Equal(PlayerPhase.Ended, (await queue.FindAsync("p1", Token)).Phase);
        Assert.Empty((await queue.FindMatchesAsync([claim.MatchId], Token)).Live);
        Assert.Equal(0, await queue.CountLiveAsync(Token));
    }

    [Fact]
    public async Task Matches_are_found_as_claimed_or_live_or_not_at_all()
    {
        var queue = await CreateAsync(size: 1, min: 1);
        var claimed = await FormAsync(queue, "p1");
        var live = (await PlayAsync(queue, 3))[1];

        var found = await queue.FindMatchesAsync([live, claimed.MatchId, Guid.NewGuid()], Token);

        Assert.Equal(live, Assert.Single(found.Live).Server.MatchId);
        Assert.Equal([claimed.MatchId], found.Claimed);
        Assert.True(found.IsComplete);
    }

    [Fact]
    public async Task A_sign_of_life_tells_which_players_are_not_pending_any_more()
    {
        var queue = await CreateAsync(size: 2);
        var ended = await FormAsync(queue, "ended1", "ended2");
        await queue.AssignAsync(ended, Server(ended), Token);
        await queue.EndAsync(ended.MatchId, onlyOn: null, EndedBy.Anyone, Token);
        var live = await FormAsync(queue, "live1", "live2");
        await queue.AssignAsync(live, Server(live), Token);
        await FormAsync(queue, "claimed1", "claimed2");
        await queue.JoinAsync("waiting", "", Token);

        var gone = await queue.HearAsync(["ended1", "live2", "claimed1", "waiting", "stranger"], Token);

        Assert.Equal(["ended1", "live2", "stranger"], gone);
    }

    [Fact]
    public async Task The_record_of_an_end_says_what_ended_the_match_the_first_time()
    {
        var queue = await CreateAsync(size: 2);
        var claim = await FormAsync(queue, "p1", "p2");
        await queue.AssignAsync(claim, Server(claim), Token);

        await queue.EndAsync(claim.MatchId, onlyOn: Server(claim), EndedBy.Player("p 1"), Token);
        await queue.EndAsync(claim.MatchId, onlyOn: null, EndedBy.Anyone, Token);

        Assert.Equal([null, "player:p 1"], (await Outbox.ReadAsync(10, Token)).Select(entry => entry.Record!.EndedBy));
    }

    [Fact]
    public async Task A_player_whose_match_has_ended_can_join_again()
    {
        var queue = await CreateAsync(size: 2);
        var claim = await FormAsync(queue, "p1", "p2");
        await queue.AssignAsync(claim, Server(claim), Token);
        await queue.EndAsync(claim.MatchId, onlyOn: null, EndedBy.Anyone, Token);

        Assert.Equal(PlayerPhase.Pending, (await queue.JoinAsync("p1", "", Token)).State.Phase);
        Assert.Equal(["p1", "p3"], (await queue.JoinAsync("p3", "", Token)).Formed!.Players);
    }

    [Fact]
    public async Task Too_few_players_are_never_flushed()
    {
        var queue = await CreateAsync(size: 5, min: 2, flush: 0);
        await queue.JoinAsync("p1", "", Token);

        var advance = await queue.AdvanceAsync(Token);

        Assert.Empty(advance.Claims);
        Assert.True(advance.NextDue > TimeSpan.FromHours(23)); // Only the player's silence would change anything.
    }

    [Fact]
    public async Task A_partial_match_is_due_when_the_oldest_has_waited_long_enough()
    {
        var queue = await CreateAsync(size: 5, min: 2, flush: 100);
        await queue.JoinAsync("p1", "", Token);
        await queue.JoinAsync("p2", "", Token);

        var advance = await queue.AdvanceAsync(Token);

        Assert.Empty(advance.Claims);
        Assert.InRange(advance.NextDue!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(100));
    }

    [Fact]
    public async Task The_record_is_written_when_assigned_and_again_when_ended()
    {
        var queue = await CreateAsync(size: 2);
        var claim = await FormAsync(queue, "p1", "p/2 \"é");
        await queue.AssignAsync(claim, Server(claim), Token);
        await queue.EndAsync(claim.MatchId, onlyOn: null, EndedBy.Anyone, Token);

        var entries = await Outbox.ReadAsync(10, Token);

        Assert.Equal(2, entries.Count);
        Assert.All(entries, entry => Assert.Equal((claim.MatchId, "server"), (entry.Record!.SessionId, entry.Record.GameServerPod)));
        Assert.All(entries, entry => Assert.Equal(["p1", "p/2 \"é"], entry.Record!.Players));
        Assert.Null(entries[0].Record!.EndedAt);
        Assert.NotNull(entries[1].Record!.EndedAt);
        Assert.True(entries[1].Record!.EndedAt >= entries[1].Record!.CreatedAt);

        await Outbox.TrimAsync([entries[0].Id], Token);
        Assert.Equal([entries[1].Id], (await Outbox.ReadAsync(10, Token)).Select(entry => entry.Id));
    }

    [Fact]
    public async Task Assigning_twice_changes_nothing()
    {
        var queue = await CreateAsync(size: 2);
        var claim = await FormAsync(queue, "p1", "p2");
        await queue.AssignAsync(claim, Server(claim), Token);

        Assert.True(await queue.AssignAsync(claim, Server(claim), Token));
        Assert.Single(await Outbox.ReadAsync(10, Token));
    }

    [Fact]
    public async Task Live_matches_are_listed_page_by_page()
    {
        var queue = await CreateAsync(size: 1, min: 1);
        var live = await PlayAsync(queue, 7);
        await FormAsync(queue, "claimed");

        var first = await queue.ListPageAsync(after: null, 3, Token);
        var second = await queue.ListPageAsync(first!.Next, 3, Token);
        var third = await queue.ListPageAsync(second!.Next, 3, Token);

        Assert.Equal([3, 3, 1], new[] { first, second, third! }.Select(page => page.Live.Count));
        Assert.Equal(live.Order(), new[] { first, second, third! }.SelectMany(page => page.Live).Select(match => match.MatchId).Order());
        Assert.All(first.Live, match => Assert.Equal("server", match.Server));
        Assert.Equal((first.Live[^1].MatchId, second.Live[^1].MatchId), (first.Next, second.Next));
        Assert.Null(third!.Next);
        Assert.True(first.IsComplete);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(3, 3)]
    [InlineData(3, 1000)]
    public async Task A_page_with_room_for_all_is_the_last(int matches, int limit)
    {
        var queue = await CreateAsync(size: 1, min: 1);
        await PlayAsync(queue, matches);

        var page = await queue.ListPageAsync(after: null, limit, Token);

        Assert.Equal(matches, page!.Live.Count);
        Assert.Null(page.Next);
    }

    [Fact]
    public async Task A_match_that_is_live_all_the_time_is_on_one_page_whatever_ends_and_begins_meanwhile()
    {
        var queue = await CreateAsync(size: 1, min: 1);
        var live = await PlayAsync(queue, 6);
        List<Guid> listed = [];
        Guid? after = null;
        do
        {
            var page = await queue.ListPageAsync(after, 2, Token);
            listed.AddRange(page!.Live.Select(match => match.MatchId));
            after = page.Next;

            // The last of each page ends, and with it what the next page begins after.
            await queue.EndAsync(page.Live[^1].MatchId, onlyOn: null, EndedBy.Anyone, Token);
            if (listed.Count == 2)
            {
                await PlayAsync(queue, 2);
            }
        }
        while (after is not null);

        Assert.Equal(listed.Distinct(), listed);
        Assert.Superset(live.ToHashSet(), listed.ToHashSet());
    }

    internal static RunningGameServer Server(MatchClaim claim) => new(claim.MatchId, "server", "127.0.0.1", 4711);

    /// <summary>The outbox of the queue that was created last.</summary>
    internal IMatchOutbox Outbox { get; private protected set; } = null!;

    internal abstract Task<IMatchQueue> CreateAsync(int size, int min = 2, double flush = 3_600);

    /// <summary>Has the pause after a failed match last for long enough for what a test does meanwhile.</summary>
    internal abstract Task HoldPauseAsync();

    /// <summary>Ends the pause after a failed match.</summary>
    internal abstract Task<MatchClaim> AdvanceAfterPauseAsync(IMatchQueue queue);

    /// <summary>Matches of one player each.</summary>
    private static async Task<IReadOnlyList<Guid>> PlayAsync(IMatchQueue queue, int count)
    {
        List<Guid> live = [];
        for (var i = 0; i < count; i++)
        {
            var claim = await FormAsync(queue, Guid.NewGuid().ToString());
            await queue.AssignAsync(claim, Server(claim), Token);
            live.Add(claim.MatchId);
        }

        return live;
    }

    internal async Task GiveBackAsync(IMatchQueue queue, MatchClaim claim)
    {
        while (await queue.RetryAsync(claim, Token) is not null)
        {
        }

        await HoldPauseAsync();
    }

    internal static async Task<MatchClaim> FormAsync(IMatchQueue queue, params string[] players)
    {
        JoinOutcome? last = null;
        foreach (var player in players)
        {
            last = await queue.JoinAsync(player, "", Token);
        }

        return last!.Formed ?? throw new InvalidOperationException("These players fill no match.");
    }
}
