using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GameStack.Backend;
using GameStack.Backend.Queue;
using GameStack.Backend.Queue.Failover;
using GameStack.Backend.Records;
using GameStack.Tests.Backend.Matches;
using GameStack.Tests.Backend.Records;
using GameStack.Tests.Support;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.Queue.Failover;

public sealed class FailoverMatchQueueTests(RedisFixture redis) : IAsyncLifetime
{
    private static readonly TimeSpan Flush = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly IOptions<MatchmakingOptions> _options = TestRules.Of(size: 5, min: 2, flush: Flush.TotalSeconds);
    private readonly FakeFleet _fleet = new();
    private RedisQueues _queues = null!;
    private FailoverBackend _backend = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private FailoverMatchQueue Queue => _backend.Queue;

    public async ValueTask InitializeAsync()
    {
        _queues = await RedisQueues.StartAsync(redis, _options, backends: 0);
        _backend = new FailoverBackend(_queues, _options, _fleet, _time);
        await Queue.AdvanceAsync(Token);
        Assert.Equal("redis", Queue.Source);
    }

    public ValueTask DisposeAsync() => _queues.DisposeAsync();

    [Fact]
    public async Task In_the_first_three_seconds_without_Redis_joins_are_refused()
    {
        await LoseRedisAsync();
        _time.Advance(Patience - TimeSpan.FromMilliseconds(1));

        var refused = await Assert.ThrowsAsync<DependencyUnavailableException>(() => Queue.JoinAsync("p1", "", Token));

        Assert.Equal("Redis", refused.Dependency);
        Assert.Equal(PlayerPhase.Unknown, (await _backend.Memory.Queue.FindAsync("p1", Token)).Phase);
    }

    [Fact]
    public async Task After_three_seconds_without_Redis_memory_matches_the_players()
    {
        await LoseRedisAsync();
        _time.Advance(Patience);
        await Queue.JoinAsync("p1", "", Token);
        await Queue.JoinAsync("p2", "", Token);

        _time.Advance(Flush);
        var claim = Assert.Single((await Queue.AdvanceAsync(Token)).Claims);

        Assert.Equal(["p1", "p2"], claim.Players);
        Assert.True(await Queue.AssignAsync(claim, MatchQueueTests.Server(claim), Token));
        Assert.Equal((PlayerPhase.Matched, claim.MatchId), await PlaceAsync("p1"));
    }

    [Fact]
    public async Task A_join_that_Redis_aborted_is_not_repeated_in_memory()
    {
        _time.Advance(Patience);
        await _queues.RefuseAsync();

        await Assert.ThrowsAsync<DependencyUnavailableException>(() => Queue.JoinAsync("p1", "", Token));

        Assert.Equal(PlayerPhase.Unknown, (await _backend.Memory.Queue.FindAsync("p1", Token)).Phase);
        Assert.Empty(_backend.Ledger.Joins);
    }

    [Fact]
    public async Task Memory_matches_its_players_even_while_the_return_to_Redis_fails()
    {
        await LoseRedisAsync();
        _time.Advance(Patience);
        await Queue.JoinAsync("p1", "", Token);
        await Queue.JoinAsync("p2", "", Token);
        _fleet.IsUnavailable = true; // The return asks the fleet what Redis has lost.
        Assert.Equal(Flush, (await Queue.AdvanceAsync(Token)).NextDue);

        _time.Advance(Flush);

        Assert.Equal(["p1", "p2"], Assert.Single((await Queue.AdvanceAsync(Token)).Claims).Players);
        Assert.Equal("memory", Queue.Source);
    }

    [Fact]
    public async Task A_player_who_waits_in_memory_is_found_there_and_handed_to_Redis_when_it_serves_again()
    {
        await LoseRedisAsync();
        _time.Advance(Patience);
        await Queue.JoinAsync("p1", "", Token);
        Assert.Equal((PlayerPhase.Pending, Guid.Empty), await PlaceAsync("p1"));

        await Queue.AdvanceAsync(Token);

        Assert.Equal("redis", Queue.Source);
        Assert.Equal(["p1"], await _queues.WaitingAsync());
        Assert.Equal((PlayerPhase.Pending, Guid.Empty), await PlaceAsync("p1"));
    }

    [Fact]
    public async Task No_match_forms_in_Redis_just_after_a_backend_that_started_without_it_comes()
    {
        await Queue.JoinAsync("p1", "", Token);
        var restarted = new FailoverBackend(_queues, _options, _fleet, _time);
        restarted.Redis.State.Failed("The connection was lost.");
        // To another backend, whose last heartbeat was earlier, this is a longer outage: it may have matched this player in its memory.
        _time.Advance(QueueLimits.BriefOutage);

        var watch = Stopwatch.StartNew();
        await restarted.Queue.AdvanceAsync(Token);
        var others = Players.New("player", 4);
        var joins = await Task.WhenAll(others.Select(player => restarted.Queue.JoinAsync(player, "", Token)));

        Assert.Equal("redis", restarted.Queue.Source);
        Assert.True(joins.All(join => join.Formed is null) || watch.Elapsed > TimeSpan.FromSeconds(2), "A match formed in the pause.");
        Assert.Equal(PlayerPhase.Pending, (await restarted.Queue.FindAsync("in another's memory", Token)).Phase);
    }

    [Fact]
    public async Task A_backend_whose_slow_start_finds_Redis_at_once_holds_up_no_match()
    {
        await Queue.JoinAsync("p1", "", Token);
        var started = new FailoverBackend(_queues, _options, _fleet, _time);
        _time.Advance(TimeSpan.FromMinutes(1));

        await started.Queue.AdvanceAsync(Token);
        var others = Players.New("player", 4);
        var joins = await Task.WhenAll(others.Select(player => started.Queue.JoinAsync(player, "", Token)));

        Assert.Single(joins, join => join.Formed is not null);
        Assert.Equal(PlayerPhase.Unknown, (await started.Queue.FindAsync("nobody", Token)).Phase);
    }

    [Fact]
    public async Task A_backend_that_stops_hands_its_claims_and_waiting_players_to_Redis()
    {
        await LoseRedisAsync();
        _time.Advance(Patience);
        await Queue.JoinAsync("p1", "", Token);
        await Queue.JoinAsync("p2", "", Token);
        _time.Advance(Flush);
        var claim = Assert.Single((await Queue.AdvanceAsync(Token)).Claims);
        await Queue.JoinAsync("p3", "", Token);

        await Queue.HandOverAsync(claim, Token);
        Assert.True(await Queue.CloseAsync(Token));

        Assert.Equal(["p1", "p2", "p3"], await _queues.WaitingAsync());
        Assert.Equal(PlayerPhase.Unknown, (await _backend.Memory.Queue.FindAsync("p1", Token)).Phase);
    }

    [Fact]
    public async Task A_backend_cannot_close_while_players_wait_in_its_memory_alone()
    {
        await LoseRedisAsync();
        _fleet.IsUnavailable = true; // The return asks the fleet what Redis has lost.
        Assert.True(await Queue.CloseAsync(Token));
        _time.Advance(Patience);
        await Queue.JoinAsync("p1", "", Token);

        Assert.False(await Queue.CloseAsync(Token));

        Assert.Equal((PlayerPhase.Pending, Guid.Empty), await PlaceAsync("p1"));
    }

    [Fact]
    public async Task Nobody_is_unknown_while_Redis_cannot_be_asked()
    {
        await LoseRedisAsync();

        Assert.Equal((PlayerPhase.Pending, Guid.Empty), await PlaceAsync("anybody"));
    }

    [Fact]
    public async Task A_player_known_to_Redis_alone_cannot_leave_without_it()
    {
        await Queue.JoinAsync("p1", "", Token);
        await LoseRedisAsync();

        await Assert.ThrowsAsync<DependencyUnavailableException>(() => Queue.LeaveAsync("p1", Token));
    }

    [Fact]
    public async Task A_remembered_match_whose_server_is_gone_is_ended()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var match = Remember("p1", server);
        server.Stop();
        await LoseRedisAsync();

        Assert.Equal((PlayerPhase.Ended, match), await PlaceAsync("p1"));
    }

    [Fact]
    public async Task A_remembered_match_whose_server_is_silent_once_goes_on_and_ends_the_second_time()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var match = Remember("p1", server);
        await LoseRedisAsync();

        Assert.Equal((PlayerPhase.Matched, match), await PlaceWithoutAnswerAsync());
        Assert.Equal((PlayerPhase.Matched, match), await PlaceAsync("p1").WaitAsync(Waits.Patient, Token)); // Asked only once.
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((PlayerPhase.Ended, match), await PlaceWithoutAnswerAsync());
        Assert.Equal(PlayerPhase.Pending, (await Queue.JoinAsync("p1", "", Token)).State.Phase);

        async Task<(PlayerPhase Phase, Guid MatchId)> PlaceWithoutAnswerAsync()
        {
            var place = PlaceAsync("p1");
            using var connection = await server.AcceptTcpClientAsync(Token).AsTask().WaitAsync(Waits.Patient, Token);
            _time.Advance(TimeSpan.FromSeconds(1));
            return await place.WaitAsync(Waits.Patient, Token);
        }
    }

    [Fact]
    public async Task After_a_remembered_match_whose_server_is_gone_the_player_may_leave_and_join()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var match = Remember("p1", server);
        server.Stop();
        await LoseRedisAsync();

        await Assert.ThrowsAsync<DependencyUnavailableException>(() => Queue.JoinAsync("p1", "", Token));
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => Queue.LeaveAsync("p1", Token)); // May wait in Redis by now.
        Assert.Equal((PlayerPhase.Ended, match), await PlaceAsync("p1"));
        _time.Advance(Patience);
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => Queue.JoinAsync("p1", "", Token)); // Asked only once.
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(PlayerPhase.Pending, (await Queue.JoinAsync("p1", "", Token)).State.Phase);
        Assert.Equal((PlayerPhase.Pending, Guid.Empty), await PlaceAsync("p1"));
        Assert.Null(_backend.Ledger.FindMatched("p1"));
        Assert.Equal(new LeaveOutcome(LiveMatch: null, Left: true), await Queue.LeaveAsync("p1", Token));
    }

    [Fact]
    public async Task A_remembered_match_whose_server_answers_goes_on()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var match = Remember("p1", server);
        await LoseRedisAsync();
        var answering = AnswerAsync(server);

        Assert.Equal(match, (await Queue.JoinAsync("p1", "", Token)).State.MatchId);
        Assert.Equal((PlayerPhase.Matched, match), await PlaceAsync("p1"));
        await answering;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_match_that_is_older_than_the_backend_is_remembered_once_one_of_its_players_has_called(bool joins)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var older = _queues.Backend(new BackendIdentity("older", "older-0"));
        await older.StartAsync(Token);
        var claim = await MatchQueueTests.FormAsync(older.Queue, "p1", "p2", "p3", "p4", "p5");
        var played = MatchQueueTests.Server(claim) with { Host = "127.0.0.1", Port = ((IPEndPoint)server.LocalEndpoint).Port };
        Assert.True(await older.Queue.AssignAsync(claim, played, Token));

        var told = joins ? (await Queue.JoinAsync("p1", "", Token)).State : await Queue.FindAsync("p1", Token);
        Assert.Equal(claim.MatchId, told.MatchId);
        await LoseRedisAsync();
        var answering = AnswerAsync(server);

        Assert.Equal((PlayerPhase.Matched, claim.MatchId), await PlaceAsync("p1"));
        Assert.Equal((PlayerPhase.Matched, claim.MatchId), await PlaceAsync("p2"));
        await answering;
    }

    [Fact]
    public async Task Only_the_own_matches_are_found_while_Redis_does_not_serve()
    {
        Assert.True((await Queue.FindMatchesAsync([], Token)).IsComplete);
        var claim = new MatchClaim(Guid.NewGuid(), ["p1"], [""], _time.GetUtcNow(), 1);
        _backend.Ledger.Assign(claim, MatchQueueTests.Server(claim));
        await LoseRedisAsync();

        var list = await Queue.FindMatchesAsync([claim.MatchId, Guid.NewGuid()], Token);

        Assert.False(list.IsComplete);
        Assert.Equal(claim.MatchId, Assert.Single(list.Live).Server.MatchId);
    }

    [Fact]
    public async Task Without_Redis_the_own_matches_are_listed_page_by_page()
    {
        var known = Enumerable.Range(0, 5)
            .Select(_ => new MatchClaim(Guid.NewGuid(), ["p1"], [""], _time.GetUtcNow(), 1)).ToList();
        known.ForEach(claim => _backend.Ledger.Assign(claim, MatchQueueTests.Server(claim)));
        await LoseRedisAsync();

        var first = await Queue.ListPageAsync(after: null, 3, Token);
        var second = await Queue.ListPageAsync(first!.Next, 3, Token);

        Assert.False(first.IsComplete);
        Assert.Equal(
            known.Select(claim => claim.MatchId).Order(), first.Live.Concat(second!.Live).Select(match => match.MatchId).Order());
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task Matches_that_are_still_in_memory_are_on_the_last_page()
    {
        var inRedis = new List<Guid>();
        for (var i = 0; i < 3; i++)
        {
            inRedis.Add(await PlayAsync(_backend.Redis.Queue));
        }

        var inMemory = new[] { await PlayAsync(_backend.Memory.Queue), await PlayAsync(_backend.Memory.Queue) };

        var first = await Queue.ListPageAsync(after: null, 2, Token);
        var second = await Queue.ListPageAsync(first!.Next, 2, Token);
        var all = await Queue.ListPageAsync(after: null, 10, Token);

        Assert.Equal(inRedis[..2], first.Live.Select(match => match.MatchId));
        Assert.Equal(inRedis[2], second!.Live[0].MatchId);
        Assert.Equal(inMemory.Order(), second.Live.Skip(1).Select(match => match.MatchId).Order());
        Assert.Null(second.Next);
        Assert.Equal(inRedis.Concat(inMemory).Order(), all!.Live.Select(match => match.MatchId).Order());
        Assert.Null(all.Next);
    }

    [Fact]
    public async Task A_match_that_Redis_has_lost_does_not_come_back_after_its_end()
    {
        var claim = new MatchClaim(Guid.NewGuid(), ["p1"], [""], _time.GetUtcNow(), 1);
        var server = MatchQueueTests.Server(claim);
        _backend.Ledger.Assign(claim, server);
        Assert.Equal(EndOutcome.Ended, await Queue.EndAsync(claim.MatchId, onlyOn: null, EndedBy.Anyone, Token)); // Redis does not know it.
        Assert.Equal(EndOutcome.AlreadyEnded, await Queue.EndAsync(claim.MatchId, onlyOn: null, EndedBy.Anyone, Token));

        await Queue.AdvanceAsync(Token);

        Assert.Empty(_backend.Ledger.UntoldEnds);
        Assert.False(await Queue.AdoptAsync(TestRecords.New("p1") with { SessionId = claim.MatchId }, server, Token));
        Assert.Equal(EndOutcome.AlreadyEnded, await Queue.EndAsync(claim.MatchId, onlyOn: null, EndedBy.Anyone, Token));
        Assert.Equal((PlayerPhase.Ended, claim.MatchId), await PlaceAsync("p1"));
    }

    [Fact]
    public async Task A_match_that_ends_without_Redis_has_ended_for_its_players_who_may_join_again()
    {
        var claim = new MatchClaim(Guid.NewGuid(), ["p1", "p2"], ["", ""], _time.GetUtcNow(), 1);
        var server = MatchQueueTests.Server(claim);
        _backend.Ledger.Assign(claim, server);
        _backend.Ledger.Hear(new MatchChange(
            claim.Players, new PlayerState(PlayerPhase.Matched, claim.MatchId, server.Host, server.Port, claim.Players)));
        await LoseRedisAsync();

        await Queue.EndAsync(claim.MatchId, server, EndedBy.Server, Token);

        Assert.Equal((PlayerPhase.Ended, claim.MatchId), await PlaceAsync("p1"));
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => Queue.LeaveAsync("p1", Token)); // May wait in Redis by now.
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => Queue.JoinAsync("p1", "", Token));
        _time.Advance(Patience);
        Assert.Equal(PlayerPhase.Pending, (await Queue.JoinAsync("p1", "", Token)).State.Phase);
        Assert.Equal((PlayerPhase.Pending, Guid.Empty), await PlaceAsync("p1"));

        await Queue.AdvanceAsync(Token);
        Assert.Equal(["p1"], await _queues.WaitingAsync());
        Assert.Equal((PlayerPhase.Ended, claim.MatchId), await PlaceAsync("p2"));
        _backend.Redis.State.Failed("The connection was lost.");
        Assert.Equal((PlayerPhase.Pending, Guid.Empty), await PlaceAsync("p1"));
        Assert.Equal((PlayerPhase.Pending, Guid.Empty), await PlaceAsync("p2")); // May wait in Redis by now.
    }

    [Fact]
    public async Task A_match_in_memory_that_all_its_players_have_left_is_lost_and_nothing_of_it_is_told_to_Redis()
    {
        await LoseRedisAsync();
        _time.Advance(Patience);
        await Queue.JoinAsync("p1", "", Token);
        await Queue.JoinAsync("p2", "", Token);
        _time.Advance(Flush);
        var claim = Assert.Single((await Queue.AdvanceAsync(Token)).Claims);
        await Queue.LeaveAsync("p1", Token);
        await Queue.LeaveAsync("p2", Token);

        Assert.False(await Queue.AssignAsync(claim, MatchQueueTests.Server(claim), Token));
        Assert.Null(await Queue.RetryAsync(claim, Token));
        await Queue.HandOverAsync(claim, Token);

        Assert.Empty(_backend.Ledger.Matches);
        Assert.Equal(0, await Queue.CountLiveAsync(Token));
        Assert.Empty(await _backend.Memory.Outbox.ReadAsync(10, Token));
    }

    [Fact]
    public async Task A_match_of_which_nobody_knows_whether_Redis_assigned_it_does_not_end_with_its_server()
    {
        var claim = new MatchClaim(Guid.NewGuid(), ["p1"], [""], _time.GetUtcNow(), 1);
        var server = MatchQueueTests.Server(claim);
        _backend.Ledger.Assigning(claim, server);
        await LoseRedisAsync();

        await Assert.ThrowsAsync<DependencyUnavailableException>(() => Queue.EndAsync(claim.MatchId, server, EndedBy.Server, Token));

        Assert.Empty(await _backend.Memory.Outbox.ReadAsync(10, Token));
        Assert.Empty(_backend.Ledger.UntoldEnds);
        Assert.Empty(_backend.Ledger.Matches); // Its server is gone, so it cannot be brought back.
    }

    [Fact]
    public async Task A_match_that_ends_without_Redis_is_recorded_and_its_players_are_told()
    {
        var claim = new MatchClaim(Guid.NewGuid(), ["p1"], [""], _time.GetUtcNow(), 1);
        var server = MatchQueueTests.Server(claim);
        _backend.Ledger.Assign(claim, server);
        using var subscription = _backend.Memory.Waiters.Subscribe("p1");
        await LoseRedisAsync();

        Assert.Equal(EndOutcome.Ended, await Queue.EndAsync(claim.MatchId, server, EndedBy.Server, Token));
        Assert.Equal(EndOutcome.AlreadyEnded, await Queue.EndAsync(claim.MatchId, onlyOn: null, EndedBy.Anyone, Token));

        var record = Assert.Single(await _backend.Memory.Outbox.ReadAsync(10, Token)).Record!;
        Assert.NotNull(record.EndedAt);
        Assert.Equal(EndedBy.Server, record.EndedBy);
        Assert.Equal(PlayerState.Ended(claim.MatchId).MatchId, (await subscription.Changes.ReadAsync(Token)).MatchId);
    }

    /// <summary>Redis begins to refuse, and the next heartbeat notices.</summary>
    private async Task LoseRedisAsync()
    {
        await _queues.RefuseAsync();
        await Queue.RenewAsync([], Token);
        Assert.Equal("memory", Queue.Source);
    }

    /// <summary>A live match of five players in this queue.</summary>
    private static async Task<Guid> PlayAsync(IMatchQueue queue)
    {
        var claim = await MatchQueueTests.FormAsync(queue, Players.New("player", 5));
        Assert.True(await queue.AssignAsync(claim, MatchQueueTests.Server(claim), Token));
        return claim.MatchId;
    }

    /// <summary>Has the backend hear of a match of one player on this server.</summary>
    private Guid Remember(string player, TcpListener server)
    {
        var (match, port) = (Guid.NewGuid(), ((IPEndPoint)server.LocalEndpoint).Port);
        _backend.Ledger.Hear(new MatchChange([player], new PlayerState(PlayerPhase.Matched, match, "127.0.0.1", port, [player])));
        return match;
    }

    private static async Task AnswerAsync(TcpListener server)
    {
        using var client = await server.AcceptTcpClientAsync(Token);
        await using var writer = new StreamWriter(client.GetStream());
        await writer.WriteAsync("STATE running\n");
        await writer.FlushAsync(Token);
        await new StreamReader(client.GetStream()).ReadToEndAsync(Token); // The caller hangs up first.
    }

    private async Task<(PlayerPhase Phase, Guid MatchId)> PlaceAsync(string player)
    {
        var state = await Queue.FindAsync(player, Token);
        return (state.Phase, state.MatchId);
    }
}
