using System.Diagnostics;
using GameStack.LoadTester.Report;

namespace GameStack.LoadTester.Players;

/// <summary>Reports one player's progress to the board and to the player's trace. Only the first failure counts.</summary>
internal sealed class PlayerProgress(LoadBoard board, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private long _matched;
    private PlayerState _state = PlayerState.Joining;

    public PlayerFailure? Failure { get; private set; }

    /// <summary>Whether the player may still be in the queue.</summary>
    public bool MayBeQueued => _state is PlayerState.Joining or PlayerState.Waiting;

    /// <summary>The phase that the player is in.</summary>
    public PlayerPhase Phase => _state switch
    {
        PlayerState.Joining => PlayerPhase.Join,
        PlayerState.Waiting => PlayerPhase.Match,
        PlayerState.Connecting => PlayerPhase.Connect,
        PlayerState.Playing => PlayerPhase.Play,
        _ => PlayerPhase.End,
    };

    /// <summary>Starts the span of a phase; disposing the span ends it.</summary>
    public static Activity? Span(PlayerPhase phase) => LoadTelemetry.Source.StartActivity(phase.Name());

    public void Start() => board.Started();

    public void Joined()
    {
        board.Joined();
        board.Measured(Measure.Join, time.GetElapsedTime(_start));
        Enter(PlayerState.Waiting);
    }

    public void Matched()
    {
        _matched = time.GetTimestamp();
        board.Matched();
        board.Measured(Measure.Match, time.GetElapsedTime(_start, _matched));
        Enter(PlayerState.Connecting);
    }

    public void Connected()
    {
        var now = time.GetTimestamp();
        board.Measured(Measure.Connect, time.GetElapsedTime(_matched, now));
        board.Measured(Measure.JoinToConnected, time.GetElapsedTime(_start, now));
        Enter(PlayerState.Playing);
    }

    public void Played(TimeSpan duration)
    {
        board.Measured(Measure.Play, duration);
        board.Played();
    }

    public void Ending() => Enter(PlayerState.Ending);

    public void EndAnswered(TimeSpan duration) => board.Measured(Measure.End, duration);

    public void Fail(PlayerPhase phase, string kind)
    {
        if (Failure is null)
        {
            Failure = new PlayerFailure(phase, kind);
            board.Failed(Failure.Value);
            Activity.Current?.SetStatus(ActivityStatusCode.Error, kind);
        }
    }

    /// <summary>The player failed because its phase took too long.</summary>
    public void GiveUp(TimeSpan patience) => Fail(Phase, $"gave up after {patience.TotalSeconds:0.#} s");

    public void Stopped() => Enter(PlayerState.Stopped);

    public void Finished() => Enter(Failure is null ? PlayerState.Ended : PlayerState.Failed);

    private void Enter(PlayerState state)
    {
        board.Moved(_state, state);
        _state = state;
    }
}
