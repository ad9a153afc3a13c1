using GameStack.Backend;
using GameStack.Backend.GameServers;
using GameStack.Backend.Life;
using GameStack.Backend.Matches;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;
using GameStack.Tests.Backend.Background;
using GameStack.Tests.Backend.Queue;
using GameStack.Tests.Support;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.Matches;

public sealed class ReconcilerTests(RedisFixture redis) : IDisposable
{
    private const int OrphanEnded = 170;
    private readonly ObservedTime _time = new();
    private readonly CancellationTokenSource _within = Waits.Within(Waits.Patient);
    private readonly IOptions<MatchmakingOptions> _options = TestRules.Of(size: 2);
    private readonly InMemoryMatchRecords _records = new();
    private readonly RunningGameServer _orphan = FakeFleet.Server(Guid.NewGuid());

    private CancellationToken Token => _within.Token;

    public void Dispose() => _within.Dispose();

    [Fact]
    public async Task A_server_whose_match_has_a_record_without_an_end_is_left_to_the_backend_that_formed_the_match_in_memory()
    {
        var (memory, fleet) = (new MemoryBackend(_options, _time), new FakeFleet(_orphan));
        await using var matches = new MatchBackend(memory, fleet, _options, _time);
        using var reconciler = Reconciler(memory.Queue, fleet, memory.Signals, matches);
        var open = Record(_orphan);
        await _records.UpsertAsync([open], Token);

        Assert.Equal(0, await reconciler.EndOrphanedServersAsync(Token));

        await _records.UpsertAsync([open with { EndedAt = _time.GetUtcNow() }], Token);
        Assert.Equal(1, await reconciler.EndOrphanedServersAsync(Token));
        Assert.Equal([_orphan], fleet.EndedServers);
    }

    [Fact]
    public async Task A_server_without_a_match_is_ended_only_at_the_second_comparison()
    {
        var (memory, fleet) = (new MemoryBackend(_options, _time), new FakeFleet(_orphan));
        await using var matches = new MatchBackend(memory, fleet, _options, _time);
        using var reconciler = Reconciler(memory.Queue, fleet, memory.Signals, matches);
        await reconciler.StartAsync(Token);
        Assert.Equal(_options.Value.Reconcile, await _time.NextWaitAsync(Token));
        Assert.Empty(fleet.EndedServers);

        _time.Advance(_options.Value.Reconcile);
        await _time.NextWaitAsync(Token);

        Assert.Equal([_orphan], fleet.EndedServers);
        Assert.Single(matches.Log.Of(OrphanEnded));
        await reconciler.StopAsync(Token);
    }

    [Fact]
    public async Task A_server_that_cannot_be_ended_is_tried_again_and_logged_once()
    {
        var (memory, fleet) = (new MemoryBackend(_options, _time), new FakeFleet(_orphan));
        await using var matches = new MatchBackend(memory, fleet, _options, _time);
        using var reconciler = Reconciler(memory.Queue, fleet, memory.Signals, matches);
        await reconciler.StartAsync(Token);
        await _time.NextWaitAsync(Token);

        for (var i = 0; i < 4; i++)
        {
            _time.Advance(_options.Value.Reconcile);
            await _time.NextWaitAsync(Token);
        }

        Assert.Equal(4, fleet.EndedServers.Count);
        Assert.Single(matches.Log.Of(OrphanEnded));
        await reconciler.StopAsync(Token);
    }

    [Fact]
    public async Task A_server_that_gets_its_match_in_time_is_left_alone()
    {
        var memory = new MemoryBackend(_options, _time);
        var claim = await MatchQueueTests.FormAsync(memory.Queue, "p1", "p2");
        var fleet = new FakeFleet(FakeFleet.Server(claim.MatchId), _orphan);
        await using var matches = new MatchBackend(memory, fleet, _options, _time);
        using var reconciler = Reconciler(memory.Queue, fleet, memory.Signals, matches);
        await reconciler.StartAsync(Token);
        await _time.NextWaitAsync(Token);

        await memory.Queue.AssignAsync(claim, FakeFleet.Server(claim.MatchId), Token);
        _time.Advance(_options.Value.Reconcile);
        await _time.NextWaitAsync(Token);

        Assert.Equal([_orphan], fleet.EndedServers);
        await reconciler.StopAsync(Token);
    }

    [Fact]
    public async Task A_match_that_Redis_has_lost_is_live_again_at_the_second_comparison_on_the_server_that_plays_it()
    {
        await using var queues = await RedisQueues.StartAsync(redis, _options);
        await _records.UpsertAsync([Record(_orphan)], Token);
        var fleet = new FakeFleet(_orphan);
        await using var matches = new MatchBackend(queues.Queue, fleet, new QueueSignals(), _options, _time);
        using var reconciler = Reconciler(queues.Queue, fleet, new QueueSignals(), matches);
        await reconciler.StartAsync(Token);
        await _time.NextWaitAsync(Token);
        Assert.Equal(PlayerPhase.Unknown, (await queues.Queue.FindAsync("p1", Token)).Phase);

        _time.Advance(_options.Value.Reconcile);
        await _time.PassNextWaitAsync(Token);
        await _time.NextWaitAsync(Token);

        var place = await queues.Queue.FindAsync("p1", Token);
        Assert.Equal((PlayerPhase.Matched, _orphan.MatchId, _orphan.Port), (place.Phase, place.MatchId, place.Port));
        Assert.Empty(fleet.EndedServers);
        Assert.Single(matches.Log.Of(EventIds.Adopted));
        await reconciler.StopAsync(Token);
    }

    [Fact]
    public async Task A_second_server_of_a_match_is_ended_if_it_is_unused()
    {
        var memory = new MemoryBackend(_options, _time);
        var claim = await MatchQueueTests.FormAsync(memory.Queue, "p1", "p2");
        var played = FakeFleet.Server(claim.MatchId);
        var second = played with { Name = "another", Port = played.Port + 1 };
        var fleet = new FakeFleet(played, second);
        await using var matches = new MatchBackend(memory, fleet, _options, _time);
        using var reconciler = Reconciler(memory.Queue, fleet, memory.Signals, matches);
        await reconciler.StartAsync(Token);
        await _time.NextWaitAsync(Token);
        await PassAsync();
        Assert.Empty(fleet.EndedUnused); // The match may get either of them.

        Assert.True(await memory.Queue.AssignAsync(claim, played, Token));
        await _records.UpsertAsync([Record(played)], Token);
        await PassAsync();
        Assert.Empty(fleet.EndedUnused);
        await PassAsync();

        Assert.Equal([second], fleet.EndedUnused);
        Assert.Empty(fleet.EndedServers);
        Assert.Empty(_records.Asked); // Where the match is live, its record decides nothing.
        Assert.Equal(PlayerPhase.Matched, (await memory.Queue.FindAsync("p1", Token)).Phase);
        await reconciler.StopAsync(Token);

        async Task PassAsync()
        {
            _time.Advance(_options.Value.Reconcile);
            await _time.NextWaitAsync(Token);
        }
    }

    [Fact]
    public async Task When_asked_to_it_ends_the_servers_without_a_match_at_once()
    {
        var (memory, fleet) = (new MemoryBackend(_options, _time), new FakeFleet(_orphan));
        await using var matches = new MatchBackend(memory, fleet, _options, _time);
        using var reconciler = Reconciler(memory.Queue, fleet, memory.Signals, matches);

        Assert.Equal(1, await reconciler.EndOrphanedServersAsync(Token));

        Assert.Equal([_orphan], fleet.EndedServers);
    }

    [Fact]
    public async Task Servers_of_a_backend_that_is_cut_off_from_the_queue_are_left_alone_until_it_is_gone()
    {
        var cutOff = _orphan with { Backend = "another" };
        var (memory, fleet) = (new MemoryBackend(_options, _time), new FakeFleet(cutOff) { Backends = { "another" } });
        await using var matches = new MatchBackend(memory, fleet, _options, _time);
        using var reconciler = Reconciler(memory.Queue, fleet, memory.Signals, matches);
        await reconciler.StartAsync(Token);
        await _time.NextWaitAsync(Token);
        await PassAsync();
        await PassAsync();

        Assert.Equal(0, await reconciler.EndOrphanedServersAsync(Token));
        Assert.Empty(fleet.EndedServers);
        Assert.Single(matches.Log.Of(EventIds.Doubtful));

        fleet.Backends.Clear();
        await PassAsync();
        Assert.Empty(fleet.EndedServers); // It is an orphan only since now.
        await PassAsync();
        Assert.Equal([cutOff], fleet.EndedServers);
        await reconciler.StopAsync(Token);

        async Task PassAsync()
        {
            _time.Advance(_options.Value.Reconcile);
            await _time.NextWaitAsync(Token);
        }
    }

    [Fact]
    public async Task A_server_of_a_backend_that_is_cut_off_is_ended_if_the_record_of_its_match_has_an_end()
    {
        var ended = _orphan with { Backend = "another" };
        var (memory, fleet) = (new MemoryBackend(_options, _time), new FakeFleet(ended) { Backends = { "another" } });
        await using var matches = new MatchBackend(memory, fleet, _options, _time);
        using var reconciler = Reconciler(memory.Queue, fleet, memory.Signals, matches);
        await _records.UpsertAsync([Record(ended) with { EndedAt = _time.GetUtcNow() }], Token);

        Assert.Equal(1, await reconciler.EndOrphanedServersAsync(Token));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("9000000000000000", 1)] // A time in the future counts as now.
    public async Task A_server_without_a_match_is_ended_only_while_Redis_hears_of_the_backend_that_took_it(string seen, int ended)
    {
        await using var queues = await RedisQueues.StartAsync(redis, _options, backends: 2);
        await queues.SetAsync(":state", "seen:backend-1", seen);
        var fleet = new FakeFleet(_orphan with { Backend = "backend-1" }) { Backends = { "backend-1" } };
        await using var matches = new MatchBackend(queues.Queue, fleet, new QueueSignals(), _options, _time);
        using var reconciler = Reconciler(queues.Queue, fleet, new QueueSignals(), matches);

        Assert.Equal(ended, await reconciler.EndOrphanedServersAsync(Token));
    }

    [Fact]
    public async Task While_the_list_of_matches_is_incomplete_nothing_is_ended()
    {
        await using var queues = await RedisQueues.StartAsync(redis, _options);
        var lost = await PlayAsync(queues, backend: 0);
        await queues.Returns[0].ReopenAsync(lost: false, brief: false, Token); // Backends may still bring in their matches.
        var fleet = new FakeFleet(_orphan) { MissesServers = true };
        await using var matches = new MatchBackend(queues.Queue, fleet, new QueueSignals(), _options, _time);
        using var reconciler = Reconciler(queues.Queue, fleet, new QueueSignals(), matches);

        await reconciler.StartAsync(Token);
        await _time.PassNextWaitAsync(Token);
        await _time.NextWaitAsync(Token);

        Assert.Null(await reconciler.EndOrphanedServersAsync(Token));
        Assert.Empty(fleet.EndedServers);
        Assert.Equal(lost.MatchId, (await queues.Queue.FindAsync("p1", Token)).MatchId);
        Assert.Empty(matches.Steps.All);
        await reconciler.StopAsync(Token);
    }

    [Theory]
    [InlineData(0, true, nameof(ServerOwner.ThisBackend))]
    [InlineData(1, true, nameof(ServerOwner.AnotherBackend))]
    [InlineData(1, false, nameof(ServerOwner.SilentBackend))]
    public async Task A_match_whose_server_is_gone_ends_whichever_backend_assigned_it(int backend, bool alive, string owner)
    {
        await using var queues = await RedisQueues.StartAsync(redis, _options, backends: 2);
        var server = await PlayAsync(queues, backend);
        if (!alive)
        {
            await queues.DeleteAsync($":backend:backend-{backend}");
        }

        var fleet = new FakeFleet { MissesServers = true };
        await using var matches = new MatchBackend(queues.Queue, fleet, new QueueSignals(), _options, _time);
        using var reconciler = Reconciler(queues.Queue, fleet, new QueueSignals(), matches);
        await reconciler.StartAsync(Token);
        await _time.NextWaitAsync(Token);

        Assert.Equal([Enum.Parse<ServerOwner>(owner)], fleet.AskedOwners);
        Assert.Equal(PlayerPhase.Ended, (await queues.Queue.FindAsync("p1", Token)).Phase);
        Assert.Equal([new MatchStep.Ended(server.MatchId, MatchEnd.ServerLost)], matches.Steps.All);
        Assert.Equal("system", (await queues.Outboxes[0].ReadAsync(10, Token))[^1].Record!.EndedBy);
        await reconciler.StopAsync(Token);
    }

    [Fact]
    public async Task A_match_that_was_assigned_before_the_clock_was_set_back_ends_with_its_server()
    {
        await using var queues = await RedisQueues.StartAsync(redis, _options);
        await PlayAsync(queues, backend: 0, assigned: "9000000000000000");
        var fleet = new FakeFleet { MissesServers = true };
        await using var matches = new MatchBackend(queues.Queue, fleet, new QueueSignals(), _options, _time);
        using var reconciler = Reconciler(queues.Queue, fleet, new QueueSignals(), matches);
        await reconciler.StartAsync(Token);
        await _time.NextWaitAsync(Token);

        Assert.Equal(PlayerPhase.Ended, (await queues.Queue.FindAsync("p1", Token)).Phase);
        await reconciler.StopAsync(Token);
    }

    [Fact]
    public async Task A_match_whose_server_another_backend_may_see_goes_on()
    {
        await using var queues = await RedisQueues.StartAsync(redis, _options, backends: 2);
        await PlayAsync(queues, backend: 1);
        var fleet = new FakeFleet { MissesServers = false };
        await using var matches = new MatchBackend(queues.Queue, fleet, new QueueSignals(), _options, _time);
        using var reconciler = Reconciler(queues.Queue, fleet, new QueueSignals(), matches);

        await reconciler.StartAsync(Token);
        await _time.NextWaitAsync(Token);

        Assert.Equal([ServerOwner.AnotherBackend], fleet.AskedOwners);
        Assert.Equal(PlayerPhase.Matched, (await queues.Queue.FindAsync("p1", Token)).Phase);
        await reconciler.StopAsync(Token);
    }

    [Fact]
    public async Task A_match_without_a_server_is_left_alone_while_it_is_young()
    {
        var (memory, fleet) = (new MemoryBackend(_options, _time), new FakeFleet { MissesServers = true });
        await using var matches = new MatchBackend(memory, fleet, _options, _time);
        using var reconciler = Reconciler(memory.Queue, fleet, memory.Signals, matches);
        var claim = await MatchQueueTests.FormAsync(memory.Queue, "p1", "p2");
        await memory.Queue.AssignAsync(claim, FakeFleet.Server(claim.MatchId), Token);
        _time.Advance(TimeSpan.FromSeconds(5));
        await reconciler.StartAsync(Token);
        await _time.NextWaitAsync(Token);
        Assert.Equal(PlayerPhase.Matched, (await memory.Queue.FindAsync("p1", Token)).Phase);

        _time.Advance(_options.Value.Reconcile);
        await _time.NextWaitAsync(Token);

        Assert.Equal(PlayerPhase.Ended, (await memory.Queue.FindAsync("p1", Token)).Phase);
        await reconciler.StopAsync(Token);
    }

    [Fact]
    public async Task The_match_of_a_server_that_is_gone_ends_in_the_next_round_however_many_matches_there_are()
    {
        await using var many = await ManyAsync();
        await many.RoundAsync();
        many.Fleet.Lose(many.Servers[^1]);

        await many.RoundAsync();

        Assert.Equal([new MatchStep.Ended(many.Servers[^1].MatchId, MatchEnd.ServerLost)], many.Matches.Steps.All);
        Assert.Equal([ServerOwner.ThisBackend], many.Fleet.AskedOwners);
    }

    [Fact]
    public async Task A_server_whose_match_has_ended_is_compared_in_the_next_round_however_many_servers_there_are()
    {
        await using var many = await ManyAsync();
        await many.RoundAsync();
        await many.EndAsync(many.Servers[^1]);
        many.Memory.Signals.MatchEnded(many.Servers[^1].MatchId);

        await many.RoundAsync();
        Assert.Empty(many.Fleet.EndedServers);
        await many.RoundAsync();

        Assert.Equal([many.Servers[^1]], many.Fleet.EndedServers);
    }

    [Fact]
    public async Task A_server_whose_match_has_ended_without_a_word_is_compared_when_it_is_its_turn()
    {
        await using var many = await ManyAsync();
        await many.RoundAsync();
        await many.EndAsync(many.Servers[^1]);

        for (var round = 0; round < 4; round++)
        {
            await many.RoundAsync(); // Three pages, and one more round to end the suspect.
        }

        Assert.Equal([many.Servers[^1]], many.Fleet.EndedServers.Distinct());
    }

    /// <summary>A live match that a backend assigned long ago, as its server.</summary>
    private async Task<RunningGameServer> PlayAsync(RedisQueues queues, int backend, string assigned = "0")
    {
        var claim = await MatchQueueTests.FormAsync(queues.Backends[backend], "p1", "p2");
        var server = FakeFleet.Server(claim.MatchId);
        Assert.True(await queues.Backends[backend].AssignAsync(claim, server, Token));
        await queues.SetAsync($":match:{claim.MatchId}", "assigned", assigned);
        return server;
    }

    /// <summary>The record of a match that another backend has assigned to this server.</summary>
    private MatchRecord Record(RunningGameServer server) => new()
    {
        SessionId = server.MatchId,
        Players = ["p1"],
        BackendPod = "another",
        GameServerPod = server.Name,
        CreatedAt = _time.GetUtcNow(),
    };

    /// <summary>Live matches and their servers, more than two pages of them.</summary>
    private async Task<ManyMatches> ManyAsync()
    {
        var options = TestRules.Of(size: 1, min: 1);
        var memory = new MemoryBackend(options, _time);
        List<RunningGameServer> servers = [];
        for (var i = 0; i < (2 * MatchQueueExtensions.PageSize) + 10; i++)
        {
            var claim = await MatchQueueTests.FormAsync(memory.Queue, $"p{i}");
            servers.Add(FakeFleet.Server(claim.MatchId));
            Assert.True(await memory.Queue.AssignAsync(claim, servers[i], Token));
        }

        var fleet = new FakeFleet([.. servers]) { MissesServers = true };
        var matches = new MatchBackend(memory, fleet, options, _time);
        return new ManyMatches(memory, fleet, matches, servers, Reconciler(memory.Queue, fleet, memory.Signals, matches), _time, Token);
    }

    private Reconciler Reconciler(IMatchQueue queue, FakeFleet fleet, QueueSignals signals, MatchBackend matches) => new(
        queue, fleet, matches.Assigner, _records,
        new ServerlessMatches(queue, fleet, matches.Life, new BackendIdentity("backend", "backend-0"), _time), signals, _time, _options,
        matches.Logger<Reconciler>());

    private sealed record ManyMatches(
        MemoryBackend Memory, FakeFleet Fleet, MatchBackend Matches, IReadOnlyList<RunningGameServer> Servers, Reconciler Reconciler,
        ObservedTime Time, CancellationToken Token) : IAsyncDisposable
    {
        public async Task RoundAsync()
        {
            if (Reconciler.ExecuteTask is null)
            {
                await Reconciler.StartAsync(Token);
            }
            else
            {
                Time.Advance(TimeSpan.FromSeconds(15));
            }

            await Time.NextWaitAsync(Token);
        }

        public async Task EndAsync(RunningGameServer server) =>
            Assert.Equal(EndOutcome.Ended, await Memory.Queue.EndAsync(server.MatchId, onlyOn: null, EndedBy.Anyone, Token));

        public async ValueTask DisposeAsync()
        {
            await Reconciler.StopAsync(Token);
            Reconciler.Dispose();
            await Matches.DisposeAsync();
        }
    }
}
