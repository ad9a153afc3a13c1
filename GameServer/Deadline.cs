namespace GameStack.GameServer;

/// <summary>
/// One time limit at a time; a later limit replaces an earlier one. Not thread-safe: the owner holds its lock around every call.
/// </summary>
internal sealed class Deadline
{
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private TimeSpan _limit = Timeout.InfiniteTimeSpan;
    private long _started;

    /// <param name="time">The clock.</param>
    /// <param name="onTick">Called without a lock; it takes the owner's lock and then checks <see cref="HasPassed"/>.</param>
    public Deadline(TimeProvider time, Action onTick)
    {
        _time = time;
        _timer = time.CreateTimer(_ => onTick(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Distinguishes this limit's tick from the late tick of an earlier limit. Timers tick some milliseconds early,
    /// so half of the limit is enough.
    /// </summary>
    public bool HasPassed => _limit != Timeout.InfiniteTimeSpan && _time.GetElapsedTime(_started) >= _limit / 2;

    public void Start(TimeSpan limit)
    {
        _limit = limit;
        _started = _time.GetTimestamp();
        _timer.Change(limit, Timeout.InfiniteTimeSpan);
    }

    public void Stop()
    {
        _limit = Timeout.InfiniteTimeSpan;
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Stops for good.</summary>
    public void End() => _timer.Dispose();
}
