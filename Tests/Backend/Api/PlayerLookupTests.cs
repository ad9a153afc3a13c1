using GameStack.Backend.Api;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;
using GameStack.Backend.Tickets;
using GameStack.Contracts.Api;
using GameStack.ServiceDefaults.Shutdown;
using GameStack.Tests.Backend.Background;
using GameStack.Tests.Backend.Matches;
using GameStack.Tests.Backend.Queue;
using GameStack.Tests.Backend.Records;
using GameStack.Tests.Backend.Tickets;
using GameStack.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.Api;

public sealed class PlayerLookupTests : IDisposable
{
    private readonly ObservedTime _time = new();
    private readonly CancellationTokenSource _within = Waits.Within(Waits.Patient);
    private readonly ShutdownState _shutdown = new();
    private readonly TicketSigner _tickets = TestSigners.None();
    private readonly InMemoryMatchRecords _records = new();
    private readonly MemoryBackend _memory;
    private readonly PlayerSigns _signs;
    private readonly PlayerLookup _lookup;

    public PlayerLookupTests()
    {
        _memory = new MemoryBackend(TestRules.Of(size: 2), _time);
        _signs = new PlayerSigns(_memory.Rules, _time);
        _lookup = NewLookup(_memory.Waiters);
    }

    private CancellationToken Token => _within.Token;

    public void Dispose()
    {
        _shutdown.Dispose();
        _tickets.Dispose();
        _within.Dispose();
    }

    [Fact]
    public async Task A_long_poll_answers_at_a_change()
    {
        await _memory.Queue.JoinAsync("p1", "", Token);
        var poll = _lookup.FindAsync("p1", TimeSpan.FromSeconds(30), Token);
        Assert.False(poll.IsCompleted);

        var match = await PlayAsync();

        var state = await poll;
        Assert.Equal((PlayerPhase.Matched, match), (state.Phase, state.MatchId));
    }

    [Fact]
    public async Task A_long_poll_answers_at_the_end_of_the_wait()
    {
        await _memory.Queue.JoinAsync("p1", "", Token);
        var poll = _lookup.FindAsync("p1", TimeSpan.FromSeconds(12), Token);

        var waits = new List<double>();
        while (waits.Sum() < 12)
        {
            Assert.False(poll.IsCompleted);
            waits.Add((await _time.PassNextWaitAsync(Token)).TotalSeconds);
        }

        Assert.Equal([5, 5, 2], waits); // Each look in between is a sign of life.
        Assert.Equal(PlayerPhase.Pending, (await poll).Phase);
    }

    [Fact]
    public async Task A_long_poll_answers_when_the_backend_stops()
    {
        await _memory.Queue.JoinAsync("p1", "", Token);
        var poll = _lookup.FindAsync("p1", TimeSpan.FromSeconds(30), Token);

        await _shutdown.StartClosingAsync();

        Assert.Equal(PlayerPhase.Pending, (await poll).Phase);
    }

    [Fact]
    public async Task The_oldest_of_too_many_calls_answers_what_stands_and_the_others_wait()
    {
        await _memory.Queue.JoinAsync("p1", "", Token);
        var polls = Enumerable.Range(0, 4).Select(_ => _lookup.FindAsync("p1", TimeSpan.FromSeconds(30), Token)).ToArray();

        Assert.Equal(PlayerPhase.Pending, (await polls[0]).Phase);

        Assert.All(polls[1..], poll => Assert.False(poll.IsCompleted));
        var match = await PlayAsync();
        Assert.All(await Task.WhenAll(polls[1..]), state => Assert.Equal(match, state.MatchId));
    }

    [Fact]
    public async Task The_oldest_of_too_many_streams_ends_with_what_stands()
    {
        await _memory.Queue.JoinAsync("p1", "", Token);
        var streams = new List<IAsyncEnumerator<StatusResponse>>();
        var nexts = new List<Task<string>>();
        for (var i = 0; i < 4; i++)
        {
            streams.Add(_lookup.FollowAsync("p1", until: null, Token).GetAsyncEnumerator(Token));
            Assert.Equal(MatchStatus.Pending, await NextAsync(streams[i]));
            nexts.Add(NextAsync(streams[i]));
        }

        Assert.Equal(MatchStatus.Pending, await nexts[0]);
        Assert.False(await streams[0].MoveNextAsync());
        await PlayAsync();
        Assert.All(await Task.WhenAll(nexts[1..]), status => Assert.Equal(MatchStatus.Matched, status));
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_long_poll_for_a_player_who_is_not_pending_answers_at_once() =>
        Assert.Equal(PlayerPhase.Unknown, (await _lookup.FindAsync("p1", TimeSpan.FromSeconds(30), Token)).Phase);

    [Fact]
    public async Task A_late_change_of_the_previous_match_does_not_end_a_long_poll()
    {
        await _memory.Queue.JoinAsync("p1", "", Token);
        var poll = _lookup.FindAsync("p1", TimeSpan.FromSeconds(30), Token);
        await _time.NextWaitAsync(Token);

        _memory.Waiters.Publish(new MatchChange(["p1"], PlayerState.Ended(Guid.NewGuid())));
        await _time.NextWaitAsync(Token); // It has looked and waits again.
        var match = await PlayAsync();

        Assert.Equal(match, (await poll).MatchId);
    }

    [Fact]
    public async Task Each_look_is_a_sign_of_life()
    {
        await _lookup.FindAsync("stranger", TimeSpan.Zero, Token);
        Assert.Empty(_signs.Take(10)); // Who does not wait is not remembered.

        await _memory.Queue.JoinAsync("p2", "", Token);
        var poll = _lookup.FindAsync("p2", TimeSpan.FromSeconds(30), Token);
        Assert.Equal(["p2"], _signs.Take(10));
        await _time.PassNextWaitAsync(Token);
        await _time.NextWaitAsync(Token);
        Assert.Equal(["p2"], _signs.Take(10));

        await _shutdown.StartClosingAsync();
        await poll;
    }

    [Fact]
    public async Task A_call_whose_change_was_lost_answers_with_the_next_sign_of_life()
    {
        var others = new PlayerWaiters(); // What the queue publishes does not reach them.
        var lookup = NewLookup(others);
        using var keeper = new SignKeeper(_memory.Queue, _signs, others, _time, NullLogger<SignKeeper>.Instance);
        await _memory.Queue.JoinAsync("p1", "", Token);
        var poll = lookup.FindAsync("p1", TimeSpan.FromSeconds(30), Token);
        var match = await PlayAsync();
        Assert.False(poll.IsCompleted);

        await keeper.StartAsync(Token);

        Assert.Equal(match, (await poll).MatchId);
        await keeper.StopAsync(Token);
    }

    [Fact]
    public async Task The_end_of_a_match_that_the_queue_has_forgotten_is_read_from_the_records()
    {
        var record = TestRecords.New("p1") with { EndedAt = TestRecords.Noon };
        await _records.UpsertAsync([record], Token);

        var state = await _lookup.FindAsync("p1", TimeSpan.Zero, Token);

        Assert.Equal((PlayerPhase.Ended, record.SessionId), (state.Phase, state.MatchId));
    }

    [Fact]
    public async Task A_stream_tells_every_change_and_closes_with_the_match()
    {
        await _memory.Queue.JoinAsync("p1", "", Token);
        await using var stream = _lookup.FollowAsync("p1", until: null, Token).GetAsyncEnumerator(Token);
        Assert.Equal(MatchStatus.Pending, await NextAsync(stream));

        var match = await PlayAsync();
        Assert.Equal(MatchStatus.Matched, await NextAsync(stream));
        await _memory.Queue.EndAsync(match, onlyOn: null, EndedBy.Anyone, Token);
        Assert.Equal(MatchStatus.Ended, await NextAsync(stream));

        Assert.False(await stream.MoveNextAsync());
    }

    [Fact]
    public async Task A_stream_repeats_an_unchanged_state_after_fifteen_seconds()
    {
        await _memory.Queue.JoinAsync("p1", "", Token);
        await using var stream = _lookup.FollowAsync("p1", until: null, Token).GetAsyncEnumerator(Token);
        await NextAsync(stream);

        var next = NextAsync(stream);
        for (var look = 0; look < 3; look++)
        {
            Assert.False(next.IsCompleted);
            Assert.Equal(PlayerSigns.Interval, await _time.PassNextWaitAsync(Token));
        }

        Assert.Equal(MatchStatus.Pending, await next);
    }

    [Fact]
    public async Task A_stream_closes_at_its_time()
    {
        await _memory.Queue.JoinAsync("p1", "", Token);
        await using var stream = _lookup.FollowAsync("p1", _time.GetUtcNow() + TimeSpan.FromSeconds(1), Token).GetAsyncEnumerator(Token);
        await NextAsync(stream);
        var last = NextAsync(stream);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(MatchStatus.Pending, await last);
        Assert.False(await stream.MoveNextAsync());
    }

    [Fact]
    public async Task A_stream_closes_when_the_backend_stops()
    {
        await _memory.Queue.JoinAsync("p1", "", Token);
        await using var stream = _lookup.FollowAsync("p1", until: null, Token).GetAsyncEnumerator(Token);
        await NextAsync(stream);
        var last = NextAsync(stream);

        await _shutdown.StartClosingAsync();

        Assert.Equal(MatchStatus.Pending, await last);
        Assert.False(await stream.MoveNextAsync());
    }

    private PlayerLookup NewLookup(PlayerWaiters waiters) => new(
        _memory.Queue, _records, waiters, _signs, new HeldCalls(Options.Create(new HeldCallsOptions())), _tickets, _shutdown, _time);

    private static async Task<string> NextAsync(IAsyncEnumerator<StatusResponse> stream)
    {
        Assert.True(await stream.MoveNextAsync());
        return stream.Current.Status;
    }

    /// <summary>Completes the waiting player's match, and returns it.</summary>
    private async Task<Guid> PlayAsync()
    {
        var claim = await MatchQueueTests.FormAsync(_memory.Queue, "p2");
        Assert.True(await _memory.Queue.AssignAsync(claim, FakeFleet.Server(claim.MatchId), Token));
        return claim.MatchId;
    }
}
