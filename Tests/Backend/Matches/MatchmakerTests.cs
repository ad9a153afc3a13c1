using GameStack.Backend;
using GameStack.Backend.Life;
using GameStack.Backend.Matches;
using GameStack.Backend.Queue;
using GameStack.ServiceDefaults.Shutdown;
using GameStack.Tests.Backend.Background;
using GameStack.Tests.Backend.GameServers;
using GameStack.Tests.Backend.Queue;
using GameStack.Tests.Backend.Queue.Failover;
using GameStack.Tests.Support;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Backend.Matches;

public sealed class MatchmakerTests(RedisFixture redis) : IDisposable
{
    private readonly ObservedTime _time = new();
    private readonly CancellationTokenSource _within = Waits.Within(Waits.Patient);
    private readonly ShutdownState _shutdown = new();
    private readonly FakeFleet _fleet = new();

    private CancellationToken Token => _within.Token;

    public void Dispose()
    {
        _shutdown.Dispose();
        _within.Dispose();
    }

    [Fact]
    public async Task It_sleeps_until_a_partial_match_is_due()
    {
        var options = TestRules.Of(size: 5, min: 2, flush: 3);
        var memory = new MemoryBackend(options, _time);
        await using var matches = new MatchBackend(memory, new FakeFleet { FindsServers = true }, options, _time);
        await memory.Queue.JoinAsync("p1", "", Token);
        _time.Advance(TimeSpan.FromSeconds(1));
        await memory.Queue.JoinAsync("p2", "", Token);
        await memory.Signals.WaitForQueueAsync(Token); // What the join has signalled.
        using var matchmaker = Matchmaker(memory.Queue, memory.Signals, matches);
        await matchmaker.StartAsync(Token);
        Assert.Equal(TimeSpan.FromSeconds(2), await _time.NextWaitAsync(Token));
        Assert.Empty(matches.Steps.All);

        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(2, (await matches.Steps.FirstAsync<MatchStep.Assigned>()).Players);
        await matchmaker.StopAsync(Token);
    }

    [Fact]
    public async Task It_looks_after_five_seconds_even_if_nothing_is_due()
    {
        var options = TestRules.Of(size: 2);
        var memory = new MemoryBackend(options, _time);
        await using var matches = new MatchBackend(memory, new FakeFleet(), options, _time);
        using var matchmaker = Matchmaker(memory.Queue, memory.Signals, matches);

        await matchmaker.StartAsync(Token);

        Assert.Equal(TimeSpan.FromSeconds(5), await _time.PassNextWaitAsync(Token));
        Assert.Equal(TimeSpan.FromSeconds(5), await _time.NextWaitAsync(Token));
        await matchmaker.StopAsync(Token);
    }

    [Fact]
    public async Task A_signal_wakes_it_before_the_time()
    {
        var options = TestRules.Of(size: 5, min: 2, flush: 3);
        var memory = new MemoryBackend(options, _time);
        await using var matches = new MatchBackend(memory, new FakeFleet(), options, _time);
        using var matchmaker = Matchmaker(memory.Queue, memory.Signals, matches);
        await matchmaker.StartAsync(Token);
        Assert.Equal(TimeSpan.FromSeconds(5), await _time.NextWaitAsync(Token));

        await memory.Queue.JoinAsync("p1", "", Token);
        await memory.Queue.JoinAsync("p2", "", Token); // Signals that a partial match has a due time.

        Assert.Equal(TimeSpan.FromSeconds(3), await _time.NextWaitAsync(Token));
        await matchmaker.StopAsync(Token);
    }

    [Fact]
    public async Task What_is_due_at_the_start_is_claimed_before_requests_are_served()
    {
        var options = TestRules.Of(size: 5, min: 2, flush: 3);
        var memory = new MemoryBackend(options, _time);
        await using var matches = new MatchBackend(memory, new FakeFleet { FindsServers = true }, options, _time);
        await memory.Queue.JoinAsync("p1", "", Token);
        await memory.Queue.JoinAsync("p2", "", Token);
        _time.Advance(TimeSpan.FromSeconds(3));
        using var matchmaker = Matchmaker(memory.Queue, memory.Signals, matches);

        await matchmaker.StartAsync(Token);

        Assert.Single(matches.Steps.All.OfType<MatchStep.Claimed>());
        await matchmaker.StopAsync(Token);
    }

    [Fact]
    public async Task A_draining_backend_claims_no_more_matches()
    {
        var options = TestRules.Of(size: 5, min: 2, flush: 3);
        var memory = new MemoryBackend(options, _time);
        await using var matches = new MatchBackend(memory, new FakeFleet(), options, _time);
        using var matchmaker = Matchmaker(memory.Queue, memory.Signals, matches);
        await matchmaker.StartAsync(Token);
        await _time.NextWaitAsync(Token);

        await _shutdown.StartDrainingAsync();
        await memory.Queue.JoinAsync("p1", "", Token);
        await memory.Queue.JoinAsync("p2", "", Token); // Signals that a partial match has a due time.

        Assert.Equal(TimeSpan.FromSeconds(5), await _time.PassNextWaitAsync(Token));
        await _time.NextWaitAsync(Token);
        Assert.Empty(matches.Steps.All);
        await matchmaker.StopAsync(Token);
    }

    [Fact]
    public async Task A_backend_that_no_server_accepts_leaves_matches_to_others_until_one_does()
    {
        _fleet.IsShutOut = true;
        var options = TestRules.Of(size: 5, min: 2, flush: 3);
        var memory = new MemoryBackend(options, _time);
        await using var matches = new MatchBackend(memory, new FakeFleet { FindsServers = true }, options, _time);
        using var matchmaker = Matchmaker(memory.Queue, memory.Signals, matches);
        await matchmaker.StartAsync(Token);
        await _time.NextWaitAsync(Token);
        await memory.Queue.JoinAsync("p1", "", Token);
        await memory.Queue.JoinAsync("p2", "", Token);
        Assert.Equal(TimeSpan.FromSeconds(5), await _time.PassNextWaitAsync(Token));
        Assert.Empty(matches.Steps.All);

        _fleet.IsShutOut = false;
        memory.Signals.WakeQueue();

        Assert.Equal(2, (await matches.Steps.FirstAsync<MatchStep.Assigned>()).Players);
        await matchmaker.StopAsync(Token);
    }

    [Fact]
    public async Task A_draining_backend_brings_its_matches_back_to_a_Redis_that_has_lost_them()
    {
        var options = TestRules.Of(size: 2);
        await using var queues = await RedisQueues.StartAsync(redis, options, backends: 0);
        using var log = new LogRecords();
        using var logs = new LoggerFactory([log]);
        var claim = new MatchClaim(Guid.NewGuid(), ["p1", "p2"], [], DateTimeOffset.UtcNow, 1);
        var server = MatchQueueTests.Server(claim);
        var backend = new FailoverBackend(queues, options, new FakeFleet(server), logs: logs);
        await using var matches = new MatchBackend(backend.Queue, new FakeFleet(), backend.Memory.Signals, options, _time);
        using var matchmaker = Matchmaker(backend.Queue, backend.Memory.Signals, matches);
        await matchmaker.StartAsync(Token);
        backend.Ledger.Assign(claim, server);

        await _shutdown.StartDrainingAsync();
        await queues.LoseEverythingAsync();
        await backend.Queue.RenewAsync([], Token); // A heartbeat notices, and the next one wakes the matchmaker.
        backend.Memory.Signals.WakeQueue();
        await log.WaitForAsync(EventIds.ServesAgain, 1);

        Assert.Equal(claim.MatchId, (await backend.Redis.Queue.FindAsync("p1", Token)).MatchId);
        Assert.Empty(matches.Steps.All);
        await matchmaker.StopAsync(Token);
    }

    [Fact]
    public async Task A_backend_that_stops_hands_its_claims_over_and_says_that_it_is_gone()
    {
        var options = TestRules.Of(size: 2);
        await using var queues = await RedisQueues.StartAsync(redis, options, backends: 2);
        var (signals, fleet) = (new QueueSignals(), new FakeFleet { Looking = token => Task.Delay(Timeout.Infinite, token) });
        await using var matches = new MatchBackend(queues.Queue, fleet, signals, options, _time);
        using var matchmaker = Matchmaker(queues.Queue, signals, matches);
        await matchmaker.StartAsync(Token);
        var claim = await MatchQueueTests.FormAsync(queues.Queue, "p1", "p2");
        matches.Assigner.Begin(claim);

        await matchmaker.StopAsync(Token);

        Assert.Equal(claim.MatchId, Assert.Single(matches.Steps.All.OfType<MatchStep.HandedOver>()).MatchId);
        var taken = Assert.Single((await queues.Backends[1].AdvanceAsync(Token)).Claims);
        Assert.Equal((claim.MatchId, 1), (taken.MatchId, taken.Try));
        Assert.DoesNotContain(":backend:backend-0", await queues.KeysAsync());
    }

    private Matchmaker Matchmaker(IMatchQueue queue, QueueSignals signals, MatchBackend matches) =>
        new(queue, matches.Assigner, _fleet, signals, _shutdown, _time, matches.Logger<Matchmaker>());
}
