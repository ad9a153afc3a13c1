using GameStack.Backend.Life;
using GameStack.Backend.Queue;
using GameStack.Tests.Backend.Background;
using GameStack.Tests.Backend.Matches;
using GameStack.Tests.Support;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.Queue;

public sealed class LobbyTests : IAsyncDisposable
{
    private readonly ObservedTime _time = new();
    private readonly CancellationTokenSource _within = Waits.Within(Waits.Patient);
    private readonly IOptions<MatchmakingOptions> _options = TestRules.Of(size: 2);
    private readonly TaskCompletionSource _serverFound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MemoryBackend _memory;
    private MatchBackend? _matches;

    public LobbyTests() => _memory = new MemoryBackend(_options, _time);

    private CancellationToken Token => _within.Token;

    public async ValueTask DisposeAsync()
    {
        if (_matches is not null)
        {
            await _matches.DisposeAsync();
        }

        _within.Dispose();
    }

    [Fact]
    public async Task A_join_that_completes_a_match_waits_for_the_standby_server()
    {
        var lobby = Open(standby: 1);
        Assert.Equal(PlayerPhase.Pending, (await lobby.JoinAsync("p1", "", Token)).State.Phase);
        var join = lobby.JoinAsync("p2", "", Token);
        Assert.False(join.IsCompleted);

        _serverFound.SetResult();

        Assert.Equal((PlayerPhase.Matched, "127.0.0.1", 4711), await PlaceAsync(join));
    }

    [Fact]
    public async Task A_join_waits_no_longer_for_a_standby_server_than_the_setting_says()
    {
        var lobby = Open(standby: 1);
        await lobby.JoinAsync("p1", "", Token);
        var join = lobby.JoinAsync("p2", "", Token);

        var wait = await _time.PassNextWaitAsync(Token);

        Assert.Equal(_options.Value.StandbyWaitMilliseconds, wait.TotalMilliseconds);
        Assert.Equal(PlayerPhase.Pending, (await join).State.Phase);
    }

    [Fact]
    public async Task Without_a_standby_server_a_join_is_answered_at_once()
    {
        var lobby = Open(standby: 0);
        await lobby.JoinAsync("p1", "", Token);

        Assert.Equal(PlayerPhase.Pending, (await lobby.JoinAsync("p2", "", Token)).State.Phase);
    }

    [Fact]
    public async Task A_late_change_of_the_previous_match_does_not_answer_a_join()
    {
        var lobby = Open(standby: 1);
        await lobby.JoinAsync("p1", "", Token);
        var join = lobby.JoinAsync("p2", "", Token);

        _memory.Waiters.Publish(new MatchChange(["p2"], PlayerState.Ended(Guid.NewGuid())));
        _serverFound.SetResult();

        Assert.Equal(PlayerPhase.Matched, (await join).State.Phase);
    }

    [Fact]
    public async Task A_caller_who_hangs_up_is_matched_all_the_same()
    {
        using var call = new CancellationTokenSource();
        var lobby = Open(standby: 1);
        await lobby.JoinAsync("p1", "", Token);
        var join = lobby.JoinAsync("p2", "", call.Token);

        await call.CancelAsync();
        _serverFound.SetResult();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => join);
        await _matches!.Steps.FirstAsync<MatchStep.Assigned>();
        Assert.Equal(PlayerPhase.Matched, (await _memory.Queue.FindAsync("p2", Token)).Phase);
    }

    [Fact]
    public async Task A_join_is_announced_once_as_queued_and_once_as_answered()
    {
        var lobby = Open(standby: 0);

        await lobby.JoinAsync("p1", "", Token);

        Assert.Equal([new MatchStep.Queued("p1"), new MatchStep.JoinAnswered("p1", Matched: false)], _matches!.Steps.All);
    }

    [Fact]
    public async Task A_join_that_is_refused_is_announced_as_that_alone()
    {
        var lobby = Open(standby: 0);
        var claim = await MatchQueueTests.FormAsync(_memory.Queue, "p1", "p2");
        for (var failures = 0; failures < QueueLimits.FailuresUntilRefusal; failures++)
        {
            while (await _memory.Queue.RetryAsync(claim, Token) is not null)
            {
            }

            if (failures + 1 < QueueLimits.FailuresUntilRefusal)
            {
                _time.Advance(QueueLimits.LongestPause);
                claim = Assert.Single((await _memory.Queue.AdvanceAsync(Token)).Claims);
            }
        }

        var outcome = await lobby.JoinAsync("p3", "", Token);

        Assert.True(outcome.RetryAfter > TimeSpan.Zero);
        Assert.Equal([new MatchStep.JoinRefused("p3")], _matches!.Steps.All);
    }

    private static async Task<(PlayerPhase Phase, string Host, int Port)> PlaceAsync(Task<JoinOutcome> join)
    {
        var state = (await join).State;
        return (state.Phase, state.Host, state.Port);
    }

    private Lobby Open(int standby)
    {
        var fleet = new FakeFleet { StandbyCount = standby, FindsServers = true, Looking = _serverFound.Task.WaitAsync };
        _matches = new MatchBackend(_memory, fleet, _options, _time);
        return new Lobby(_memory.Queue, _matches.Assigner, fleet, _memory.Waiters, _matches.Life, _time, _options);
    }
}
