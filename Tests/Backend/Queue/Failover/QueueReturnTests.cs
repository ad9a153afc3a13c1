using System.Globalization;
using GameStack.Backend;
using GameStack.Backend.GameServers;
using GameStack.Backend.Queue;
using GameStack.Backend.Queue.Redis;
using GameStack.Backend.Records;
using GameStack.Backend.Tickets;
using GameStack.Tests.Backend.GameServers;
using GameStack.Tests.Backend.Matches;
using GameStack.Tests.Backend.Records;
using GameStack.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace GameStack.Tests.Backend.Queue.Failover;

public sealed class QueueReturnTests : IDisposable
{
    private static readonly TimeSpan LongestListing = TimeSpan.FromSeconds(8);
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly LogRecords _log = new();
    private readonly RedisFixture _redis;
    private readonly LoggerFactory _logs;

    public QueueReturnTests(RedisFixture redis)
    {
        _redis = redis;
        _logs = new LoggerFactory([_log]);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_return_to_an_empty_Redis_that_was_broken_off_begins_anew()
    {
        var options = TestRules.Of(size: 2);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var claim = new MatchClaim(Guid.NewGuid(), ["p1", "p2"], [], DateTimeOffset.UtcNow, 1);
        var server = MatchQueueTests.Server(claim);
        var fleet = new FakeFleet(server) { IsUnavailable = true };
        var backend = new FailoverBackend(queues, options, fleet);
        await backend.Redis.Return.ReopenAsync(lost: false, brief: true, Token);
        backend.Ledger.Joining("waiting", "");
        backend.Ledger.Assign(claim, server);

        await queues.LoseEverythingAsync();
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => backend.Return.RunAsync(Token));
        fleet.IsUnavailable = false;
        await backend.Return.RunAsync(Token);

        Assert.Equal(["waiting"], await queues.WaitingAsync());
        Assert.Equal((PlayerPhase.Matched, claim.MatchId), await PlaceAsync(backend.Redis.Queue, "p1"));
    }

    [Fact]
    public async Task A_backend_that_cannot_list_the_servers_goes_on_after_a_while_with_the_matches_that_it_remembers()
    {
        var options = TestRules.Of(size: 2);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var claim = new MatchClaim(Guid.NewGuid(), ["p1", "p2"], [], DateTimeOffset.UtcNow, 1);
        var backend = new FailoverBackend(queues, options, new FakeFleet { IsUnavailable = true }, _time, _logs);
        await LoseAsync(queues, backend, claim);

        await Assert.ThrowsAsync<DependencyUnavailableException>(() => backend.Return.RunAsync(Token));
        _time.Advance(LongestListing - TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => backend.Return.RunAsync(Token));
        Assert.False((await backend.Redis.Queue.FindMatchesAsync([], Token)).IsComplete); // No reconciler ends a server.
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await backend.Return.RunAsync(Token);

        await CheckRestoredAsync(queues, backend, claim);
    }

    [Fact]
    public async Task A_list_of_the_servers_that_does_not_come_holds_back_the_return_no_longer()
    {
        var options = TestRules.Of(size: 2);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var claim = new MatchClaim(Guid.NewGuid(), ["p1", "p2"], [], DateTimeOffset.UtcNow, 1);
        var asked = new TaskCompletionSource();
        var fleet = new FakeFleet { Listing = AskAsync };
        var backend = new FailoverBackend(queues, options, fleet, _time, _logs);
        await LoseAsync(queues, backend, claim);

        var returning = backend.Return.RunAsync(Token);
        await asked.Task.WaitAsync(Token);
        _time.Advance(LongestListing);
        await returning;

        await CheckRestoredAsync(queues, backend, claim);

        Task AskAsync(CancellationToken cancellationToken)
        {
            asked.SetResult();
            return Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }

    [Fact]
    public async Task A_slow_Postgres_holds_back_neither_the_waiting_players_nor_the_return()
    {
        var options = TestRules.Of(size: 2);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var claim = new MatchClaim(Guid.NewGuid(), ["p1", "p2"], [], DateTimeOffset.UtcNow, 1);
        var others = Enumerable.Range(0, 20).Select(i => TestRecords.New($"other-{i}") with { GameServerPod = "other" }).ToArray();
        FailoverBackend backend = null!;
        InMemoryMatchRecords records = null!;
        records = new InMemoryMatchRecords { Finding = FindAsync };
        await records.UpsertAsync(others, Token);
        var fleet = new FakeFleet(
        [
            .. others.Select(record => new RunningGameServer(record.SessionId, "other", "127.0.0.1", 4712)), MatchQueueTests.Server(claim),
        ]);
        backend = new FailoverBackend(queues, options, fleet, _time, _logs, records);
        await LoseAsync(queues, backend, claim);

        await backend.Return.RunAsync(Token);

        Assert.True(backend.Redis.State.IsServing);
        Assert.Equal(8, records.Asked.Count); // The time is up: the reconciler brings back the others.
        Assert.Equal(PlayerPhase.Matched, (await PlaceAsync(backend.Redis.Queue, "other-0")).Phase);
        Assert.Single(_log.Of(EventIds.NotRestored));

        async Task FindAsync()
        {
            // The first look-up is before the waiting players, since a quick Postgres names those of them who are in a match.
            Assert.Equal(records.Asked.Count == 0 ? [] : ["waiting"], await queues.WaitingAsync());
            Assert.Equal((PlayerPhase.Matched, claim.MatchId), await PlaceAsync(backend.Redis.Queue, "p1"));
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task A_match_comes_back_on_its_server_and_not_on_one_that_it_has_taken_in_vain()
    {
        var options = TestRules.Of(size: 2);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var claim = new MatchClaim(Guid.NewGuid(), ["p1", "p2"], [], DateTimeOffset.UtcNow, 1);
        var server = MatchQueueTests.Server(claim);
        var vain = server with { Name = "taken-in-vain", Port = server.Port + 1 };
        var backend = new FailoverBackend(queues, options, new FakeFleet(vain, server, vain));
        await LoseAsync(queues, backend, claim);

        await backend.Return.RunAsync(Token);

        Assert.Equal(server.Port, (await backend.Redis.Queue.FindAsync("p1", Token)).Port);
    }

    [Fact]
    public async Task A_match_that_another_backend_brought_back_ends_with_the_match_in_memory()
    {
        var options = TestRules.Of(size: 2);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var backend = new FailoverBackend(queues, options, new FakeFleet());
        var claim = await MatchQueueTests.FormAsync(backend.Memory.Queue, "p1", "p2");
        var server = MatchQueueTests.Server(claim);
        Assert.True(await backend.Memory.Queue.AssignAsync(claim, server, Token));
        var record = TestRecords.New("p1", "p2") with { SessionId = claim.MatchId };
        Assert.True(await queues.Queue.AdoptAsync(record, server, Token));
        await backend.Memory.Queue.EndAsync(claim.MatchId, server, EndedBy.Server, Token);

        await backend.Return.RunAsync(Token);

        Assert.Equal((PlayerPhase.Ended, claim.MatchId), await PlaceAsync(queues.Queue, "p1"));
    }

    [Fact]
    public async Task An_end_that_is_told_late_leaves_the_match_alone_that_another_backend_gave_another_server()
    {
        var options = TestRules.Of(size: 2, lease: 0);
        await using var queues = await RedisQueues.StartAsync(_redis, options, backends: 2);
        var backend = new FailoverBackend(queues, options, new FakeFleet());
        var claim = await MatchQueueTests.FormAsync(queues.Queue, "p1", "p2");
        var lost = MatchQueueTests.Server(claim);
        backend.Ledger.Assign(claim, lost);
        var taken = Assert.Single((await queues.Backends[1].AdvanceAsync(Token)).Claims);
        var played = lost with { Port = lost.Port + 1 };
        Assert.True(await queues.Backends[1].AssignAsync(taken, played, Token));

        Assert.NotNull(backend.Ledger.End(claim.MatchId, lost, EndedBy.Server));
        await backend.Return.RunAsync(Token);

        Assert.Equal((PlayerPhase.Matched, claim.MatchId), await PlaceAsync(queues.Queue, "p1"));
        Assert.Empty(backend.Ledger.UntoldEnds);
    }

    [Fact]
    public async Task An_end_that_comes_while_the_return_finishes_is_told_when_Redis_serves()
    {
        var options = TestRules.Of(size: 2);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var backend = new FailoverBackend(queues, options, new FakeFleet());
        await backend.Queue.AdvanceAsync(Token);
        var claim = await MatchQueueTests.FormAsync(backend.Queue, "p1", "p2");
        var server = MatchQueueTests.Server(claim);
        Assert.True(await backend.Queue.AssignAsync(claim, server, Token));

        var (faults, _) = backend.Redis.State.BeginReturn();
        backend.Redis.State.Failed("The connection was lost.");
        Assert.Equal(EndOutcome.Ended, await backend.Queue.EndAsync(claim.MatchId, server, EndedBy.Server, Token));
        backend.Redis.State.Returned(faults + 1);
        Assert.Equal((PlayerPhase.Matched, claim.MatchId), await PlaceAsync(queues.Queue, "p1"));
        await backend.Queue.AdvanceAsync(Token);

        Assert.Equal((PlayerPhase.Ended, claim.MatchId), await PlaceAsync(queues.Queue, "p1"));
        Assert.Empty(backend.Ledger.UntoldEnds);
    }

    [Fact]
    public async Task A_player_who_left_before_the_match_got_its_server_does_not_come_back_with_it()
    {
        var options = TestRules.Of(size: 3);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var fleet = new FakeFleet();
        var backend = new FailoverBackend(queues, options, fleet);
        await backend.Queue.AdvanceAsync(Token);
        using var listener = await backend.ListenAsync();
        var claim = await MatchQueueTests.FormAsync(backend.Queue, "p1", "left", "p3");
        await backend.Queue.LeaveAsync("left", Token);
        var server = MatchQueueTests.Server(claim) with { Admission = MatchAdmission.At("server", "127.0.0.1", 4711) };
        fleet.Add(server);
        using (var told = backend.Memory.Waiters.Subscribe("p3"))
        {
            Assert.True(await backend.Queue.AssignAsync(claim, server, Token));
            await told.Changes.ReadAsync(Token);
        }

        await queues.LoseEverythingAsync();
        await backend.Queue.RenewAsync([], Token);
        await backend.Queue.AdvanceAsync(Token);

        await queues.DeleteAsync(":returning");
        Assert.Equal(PlayerPhase.Unknown, (await backend.Queue.FindAsync("left", Token)).Phase);
        var state = await backend.Queue.FindAsync("p3", Token);
        Assert.Equal(["p1", "p3"], state.Players);
        Assert.Equal((0, 2), (state.Admission!.SeatOf(0), state.Admission.SeatOf(1)));
    }

    [Fact]
    public async Task A_match_that_moves_from_memory_to_Redis_without_some_of_its_players_is_remembered_without_them()
    {
        var options = TestRules.Of(size: 2);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var backend = new FailoverBackend(queues, options, new FakeFleet());
        using var listener = await backend.ListenAsync();
        var other = await MatchQueueTests.FormAsync(queues.Queue, "both", "p1");
        Assert.True(await queues.Queue.AssignAsync(other, MatchQueueTests.Server(other), Token));
        var claim = await MatchQueueTests.FormAsync(backend.Memory.Queue, "both", "p2");
        Assert.True(await backend.Memory.Queue.AssignAsync(claim, MatchQueueTests.Server(claim), Token));

        using var told = backend.Memory.Waiters.Subscribe("p2");
        await backend.Return.RunAsync(Token);
        await told.Changes.ReadAsync(Token);

        Assert.Equal(["p2"], Assert.Single(backend.Ledger.Matches).Record.Players);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_player_who_has_left_through_another_backend_is_not_brought_back(bool wasSilent)
    {
        var options = TestRules.Of(size: 3);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var backend = new FailoverBackend(queues, options, new FakeFleet(), _time);
        await backend.Queue.AdvanceAsync(Token);
        await backend.Queue.JoinAsync("p1", "", Token);
        await backend.Queue.JoinAsync("p2", "", Token);
        _time.Advance(TimeSpan.FromMinutes(1));
        backend.Signs.Hear("p1");
        backend.Signs.Hear("p2");
        backend.Redis.State.Failed("The connection was lost.");
        if (wasSilent)
        {
            await queues.Returns[0].WithdrawAsync([new LedgerJoin("p1", "", 0)], areInMemory: false, Token); // As if forgotten.
        }

        Assert.Equal(!wasSilent, (await queues.Queue.LeaveAsync("p1", Token)).Left);
        using var listener = await backend.ListenAsync();
        using var told = backend.Memory.Waiters.Subscribe("p1");
        await backend.Queue.AdvanceAsync(Token);

        Assert.True(backend.Redis.State.IsServing);
        Assert.Equal(["p2"], await queues.WaitingAsync());
        Assert.Equal(PlayerPhase.Unknown, (await told.Changes.ReadAsync(Token)).Phase);
        Assert.Equal(["p2"], backend.Ledger.Joins.Select(join => join.PlayerId));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_player_whose_last_match_has_ended_and_who_leaves_through_another_backend_is_not_brought_back(bool endedInMemory)
    {
        var options = TestRules.Of(size: 3);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var backend = new FailoverBackend(queues, options, new FakeFleet(), _time);
        var last = TestRecords.New("p1");
        if (!endedInMemory)
        {
            await queues.Returns[0].BuryAsync(last, Token);
        }

        await backend.Memory.Queue.JoinAsync("p1", "", Token);
        await backend.Memory.Queue.JoinAsync("p2", "", Token);
        _time.Advance(TimeSpan.FromMinutes(1));
        await queues.Queue.LeaveAsync("p1", Token);
        if (endedInMemory)
        {
            await queues.Returns[0].BuryAsync(last, Token);
        }

        await backend.Return.RunAsync(Token);

        Assert.Equal(["p2"], await queues.WaitingAsync());
        Assert.Equal(PlayerPhase.Ended, (await queues.Queue.FindAsync("p1", Token)).Phase);
    }

    [Fact]
    public async Task A_player_who_leaves_through_another_backend_is_not_in_the_match_that_is_about_to_get_a_server_in_memory()
    {
        var options = TestRules.Of(size: 2);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var backend = new FailoverBackend(queues, options, new FakeFleet(), _time);
        using var listener = await backend.ListenAsync();
        using var told = backend.Memory.Waiters.Subscribe("p1");
        var claim = await MatchQueueTests.FormAsync(backend.Memory.Queue, "p1", "p2");
        _time.Advance(TimeSpan.FromMinutes(1));
        await queues.Queue.LeaveAsync("p1", Token);

        await backend.Return.RunAsync(Token);
        Assert.Equal(PlayerPhase.Unknown, (await told.Changes.ReadAsync(Token)).Phase);
        Assert.True(await backend.Queue.AssignAsync(claim, MatchQueueTests.Server(claim), Token));
        await backend.Return.RunAsync(Token);

        await queues.DeleteAsync(":returning");
        Assert.Equal((PlayerPhase.Unknown, Guid.Empty), await PlaceAsync(queues.Queue, "p1"));
        Assert.Equal((PlayerPhase.Matched, claim.MatchId), await PlaceAsync(queues.Queue, "p2"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_player_who_leaves_in_memory_does_not_wait_in_Redis_unless_a_later_join_says_so(bool joinsAgain)
    {
        var options = TestRules.Of(size: 3);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var backend = new FailoverBackend(queues, options, new FakeFleet(), _time);
        await backend.Queue.AdvanceAsync(Token);
        await queues.Queue.JoinAsync("p1", "", Token); // As when the answer to a join was lost, and Redis took it all the same.
        backend.Redis.State.Failed("The connection was lost.");
        _time.Advance(QueueLimits.Patience);
        await backend.Queue.JoinAsync("p1", "", Token);
        Assert.True((await backend.Queue.LeaveAsync("p1", Token)).Left);
        if (joinsAgain)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await queues.Queue.LeaveAsync("p1", Token);
            await queues.Queue.JoinAsync("p1", "", Token);
        }

        await backend.Queue.AdvanceAsync(Token);

        Assert.True(backend.Redis.State.IsServing);
        Assert.Equal(joinsAgain ? ["p1"] : [], await queues.WaitingAsync());
        Assert.Empty(backend.Ledger.UntoldLeaves);
    }

    [Fact]
    public async Task A_player_who_leaves_in_memory_and_asks_another_backend_again_waits()
    {
        var options = TestRules.Of(size: 3);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var backend = new FailoverBackend(queues, options, new FakeFleet(), _time);
        await backend.Queue.AdvanceAsync(Token);
        await queues.Queue.JoinAsync("p1", "", Token);
        await queues.Queue.JoinAsync("p2", "", Token);
        backend.Redis.State.Failed("The connection was lost.");
        _time.Advance(TimeSpan.FromMinutes(1));
        await backend.Queue.JoinAsync("p1", "", Token);
        await backend.Queue.LeaveAsync("p1", Token);
        await backend.Queue.JoinAsync("p2", "", Token);
        await backend.Queue.LeaveAsync("p2", Token);
        _time.Advance(TimeSpan.FromMinutes(1));

        await queues.Queue.JoinAsync("p1", "", Token); // Still waiting since the first time.
        var asked = TimeProvider.System.GetTimestamp();
        var again = new LedgerJoin("p2", "", asked - (600 * TimeProvider.System.TimestampFrequency)) { AskedAt = asked };
        await queues.Returns[0].EnqueueAsync([again], Token);
        await backend.Queue.AdvanceAsync(Token);

        Assert.Equal(["p1", "p2"], (await queues.WaitingAsync()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_player_who_leaves_memory_while_Redis_serves_leaves_Redis_too()
    {
        var options = TestRules.Of(size: 3);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var backend = new FailoverBackend(queues, options, new FakeFleet(), _time);
        await backend.Queue.AdvanceAsync(Token);
        await backend.Memory.Queue.JoinAsync("p1", "", Token);
        await queues.Queue.JoinAsync("p1", "", Token);

        await backend.Queue.LeaveAsync("p1", Token);
        await backend.Memory.Signals.WaitForQueueAsync(Token);
        await backend.Queue.AdvanceAsync(Token);

        Assert.Empty(await queues.WaitingAsync());
    }

    [Fact]
    public async Task A_player_who_leaves_through_another_backend_and_joins_again_in_memory_waits()
    {
        var options = TestRules.Of(size: 3);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var backend = new FailoverBackend(queues, options, new FakeFleet(), _time);
        await backend.Memory.Queue.JoinAsync("left", "", Token);
        await backend.Memory.Queue.JoinAsync("again", "", Token);
        _time.Advance(TimeSpan.FromMinutes(1));
        await queues.Queue.LeaveAsync("left", Token);
        await queues.Queue.LeaveAsync("again", Token);
        await backend.Memory.Queue.JoinAsync("again", "", Token);

        await backend.Return.RunAsync(Token);

        Assert.Equal(["again"], await queues.WaitingAsync());
        Assert.Equal(PlayerPhase.Unknown, (await backend.Memory.Queue.FindAsync("left", Token)).Phase);
    }

    [Fact]
    public async Task While_a_match_in_memory_has_no_server_its_players_are_pending_everywhere()
    {
        var options = TestRules.Of(size: 2);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var backend = new FailoverBackend(queues, options, new FakeFleet());
        await queues.Queue.JoinAsync("p1", "", Token);
        var claim = await MatchQueueTests.FormAsync(backend.Memory.Queue, "p1", "p2");
        await backend.Return.RunAsync(Token);
        Assert.Empty(await queues.WaitingAsync());

        for (var i = 0; i < 2; i++)
        {
            await queues.DeleteAsync(":returning"); // It has expired.
            await backend.Return.RunAsync(Token);
            Assert.Equal((PlayerPhase.Pending, Guid.Empty), await PlaceAsync(queues.Queue, "p1"));
            Assert.Equal((PlayerPhase.Pending, Guid.Empty), await PlaceAsync(queues.Queue, "p2"));
        }

        Assert.True(await backend.Memory.Queue.AssignAsync(claim, MatchQueueTests.Server(claim), Token));
        await queues.DeleteAsync(":returning");
        await backend.Return.RunAsync(Token);
        Assert.Equal((PlayerPhase.Matched, claim.MatchId), await PlaceAsync(queues.Queue, "p1"));
        Assert.Equal(PlayerPhase.Unknown, (await queues.Queue.FindAsync("p3", Token)).Phase);
    }

    [Fact]
    public async Task The_players_of_a_match_in_memory_that_gets_no_server_wait_in_Redis()
    {
        var options = TestRules.Of(size: 2);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var backend = new FailoverBackend(queues, options, new FakeFleet());
        await queues.Queue.JoinAsync("p1", "", Token);
        var claim = await MatchQueueTests.FormAsync(backend.Memory.Queue, "p1", "p2");
        await backend.Return.RunAsync(Token);

        while (await backend.Queue.RetryAsync(claim, Token) is not null)
        {
        }

        await backend.Return.RunAsync(Token);
        Assert.Equal(["p1", "p2"], await queues.WaitingAsync());
    }

    [Fact]
    public async Task Players_who_wait_in_memory_go_on_in_Redis_in_the_order_of_their_joins()
    {
        var options = TestRules.Of(size: 3);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var backend = new FailoverBackend(queues, options, new FakeFleet(), time);
        await backend.Memory.Queue.JoinAsync("z", "", Token);
        time.Advance(TimeSpan.FromMinutes(1));
        await backend.Memory.Queue.JoinAsync("a", "", Token);

        await backend.Return.RunAsync(Token);

        Assert.Equal(["z", "a"], await queues.WaitingAsync());
        Assert.Equal(PlayerPhase.Unknown, (await backend.Memory.Queue.FindAsync("z", Token)).Phase);
    }

    [Fact]
    public async Task After_a_short_fault_Redis_is_asked_about_many_waiting_players_at_once()
    {
        await using var redis = await OwnRedis.StartAsync(_redis);
        var options = TestRules.Of(size: 100);
        await using var queues = await RedisQueues.StartAsync(ConfigurationOptions.Parse(redis.ConnectionString), options);
        var backend = new FailoverBackend(queues, options, new FakeFleet());
        await backend.Queue.AdvanceAsync(Token);
        await queues.PauseAsync();
        var players = Players.New("player", 450);
        await Task.WhenAll(players.Select(player => backend.Queue.JoinAsync(player, "", Token)));

        backend.Redis.State.Failed("The connection was lost.");
        string[] gone = [players[1], players[200], players[449]];
        await queues.Returns[0].WithdrawAsync(
            gone.Select(player => new LedgerJoin(player, "", 0)), areInMemory: false, Token); // As if forgotten, and nobody heard of it.
        backend.Signs.Hear(gone[0]);
        backend.Signs.Hear(gone[2]);
        var before = await CountScriptsAsync();
        await backend.Return.RunAsync(Token);

        Assert.True(backend.Redis.State.IsServing);
        Assert.InRange(await CountScriptsAsync() - before, 1, 10);
        var waiting = players.Where(player => player != gone[1]);
        Assert.Equal(waiting.Order(), (await queues.WaitingAsync()).Order());
        Assert.Equal(waiting.Order(), backend.Ledger.Joins.Select(join => join.PlayerId).Order());

        // cmdstat_evalsha:calls=12,usec=3456,…
        async Task<int> CountScriptsAsync() => (await redis.AskAsync("INFO", "commandstats")).Split("\r\n")
            .Where(line => line.StartsWith("cmdstat_eval", StringComparison.Ordinal))
            .Sum(line => int.Parse(line.Split('=', ',')[1], CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_clock_that_is_set_meanwhile_does_not_change_how_long_a_player_has_waited(bool inMemory)
    {
        var (wait, flush) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10));
        var options = TestRules.Of(size: 3, min: 1, flush.TotalSeconds);
        await using var queues = await RedisQueues.StartAsync(_redis, options);
        var time = new SetTime();
        var backend = new FailoverBackend(queues, options, new FakeFleet(), time);
        await backend.Redis.Return.ReopenAsync(lost: false, brief: true, Token);
        if (inMemory)
        {
            await backend.Memory.Queue.JoinAsync("p1", "", Token);
        }
        else
        {
            backend.Ledger.Joining("p1", "");
            await queues.LoseEverythingAsync();
        }

        time.Advance(wait);
        time.Set += TimeSpan.FromHours(1);
        await backend.Return.RunAsync(Token);
        await queues.DeleteAsync(":pause");

        var advance = await backend.Redis.Queue.AdvanceAsync(Token);
        Assert.Empty(advance.Claims);
        Assert.InRange(advance.NextDue!.Value, flush - wait - TimeSpan.FromSeconds(30), flush - wait);
    }

    [Fact]
    public async Task A_clock_that_is_set_does_not_forget_a_match_that_has_ended_in_memory()
    {
        var options = TestRules.Of(size: 2);
        var time = new SetTime();
        var memory = new MemoryBackend(options, time);
        var claim = await MatchQueueTests.FormAsync(memory.Queue, "p1", "p2");
        Assert.True(await memory.Queue.AssignAsync(claim, MatchQueueTests.Server(claim), Token));
        await memory.Queue.EndAsync(claim.MatchId, onlyOn: null, EndedBy.Server, Token);

        time.Set += TimeSpan.FromHours(1);
        await memory.Queue.AdvanceAsync(Token);

        Assert.Equal(PlayerPhase.Ended, (await memory.Queue.FindAsync("p1", Token)).Phase);
    }

    public void Dispose()
    {
        _logs.Dispose();
        _log.Dispose();
    }

    /// <summary>Redis loses a match and a waiting player of this backend, which has used it before.</summary>
    private static async Task LoseAsync(RedisQueues queues, FailoverBackend backend, MatchClaim claim)
    {
        await backend.Redis.Return.ReopenAsync(lost: false, brief: true, Token);
        backend.Ledger.Joining("waiting", "");
        backend.Ledger.Assign(claim, MatchQueueTests.Server(claim));
        await queues.LoseEverythingAsync();
    }

    private async Task CheckRestoredAsync(RedisQueues queues, FailoverBackend backend, MatchClaim claim)
    {
        Assert.True(backend.Redis.State.IsServing);
        Assert.Equal(["waiting"], await queues.WaitingAsync());
        Assert.Equal((PlayerPhase.Matched, claim.MatchId), await PlaceAsync(backend.Redis.Queue, "p1"));
        Assert.Single(_log.Of(EventIds.NotListed));
    }

    private static async Task<(PlayerPhase Phase, Guid MatchId)> PlaceAsync(RedisMatchQueue queue, string player)
    {
        var state = await queue.FindAsync(player, Token);
        return (state.Phase, state.MatchId);
    }

    /// <summary>A clock whose time of day is set, while its timestamps go on.</summary>
    private sealed class SetTime() : FakeTimeProvider(DateTimeOffset.UtcNow)
    {
        /// <summary>By how much it was set.</summary>
        public TimeSpan Set { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Set;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }
}
