namespace GameStack.GameServer.Matches;

/// <summary>
/// The match's state and its time limits. Guarded by the match's gate; only <see cref="State"/> and <see cref="RunningLength"/> may be
/// read without it.
/// </summary>
internal sealed class MatchCourse
{
    private readonly MatchLimits _limits;
    private readonly MatchLength _length;
    private volatile MatchState _state;
    private volatile int _runningLength;

    /// <summary>Runs from the opening to the request, and again from the request to the end.</summary>
    private readonly Deadline _end;

    /// <param name="limits">What ends the match when nobody plays.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onEndTick">Called without the gate; takes it and checks <see cref="WhyOver"/>.</param>
    public MatchCourse(MatchLimits limits, TimeProvider time, Action onEndTick)
    {
        _limits = limits;
        _length = new MatchLength(time);
        _end = new Deadline(time, onEndTick);
    }

    public MatchState State => _state;

    /// <inheritdoc cref="Match.RunningLength"/>
    public int RunningLength => _runningLength;

    /// <summary>Why the time of the match is over; null while it is not.</summary>
    public string? WhyOver => !_end.HasPassed ? null
        : _state == MatchState.Open ? "nobody has requested the match" : "its length has passed";

    /// <inheritdoc cref="Match.Limit"/>
    public void Limit(TimeSpan longest)
    {
        if (_state == MatchState.Standby)
        {
            _length.Limit(longest);
        }
    }

    public void Open()
    {
        _state = MatchState.Open;
        _end.Start(_length.Open(_limits.Open));
    }

    /// <summary>Begins a match of this length, as far as the limit allows.</summary>
    public void Run(double seconds)
    {
        seconds = Math.Min(seconds, _length.FindLongest());

        // 0 means "not requested", so a fraction of a second counts as one.
        _runningLength = (int)Math.Ceiling(seconds);
        _state = MatchState.Running;
        _end.Start(TimeSpan.FromMilliseconds(Math.Ceiling(seconds * 1000)));
    }

    public void Stop()
    {
        _state = MatchState.Stop;
        _end.End();
    }
}
