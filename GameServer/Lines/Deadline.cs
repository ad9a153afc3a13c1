namespace GameStack.GameServer.Lines;

/// <summary>One time limit at a time, a later one in the place of an earlier. Not thread-safe: its owner's lock is around every call.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private TimeSpan _limit = Timeout.InfiniteTimeSpan;
    private long _started;

    /// <param name="time">Its clock.</param>
    /// <param name="onTick">Called without a lock; it takes the owner's and then asks <see cref="HasPassed"/>.</param>
    public Deadline(TimeProvider time, Action onTick)
    {
        _time = time;
        _timer = time.CreateTimer(_ => onTick(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Tells the tick of this limit from one of an earlier limit that came late. Timers tick some milliseconds early, hence the half.</summary>
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

    public void Dispose() => _timer.Dispose();
}
