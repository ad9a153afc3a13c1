namespace GameStack.Backend.Queue.Redis;

/// <summary>
/// What this backend knows of the clock of Redis, so that a call can say when it was sent. A Redis that hung finds such calls in its
/// sockets when it works again, and does not carry out those that nobody waits for any more.
/// </summary>
internal sealed class RedisClock(TimeProvider time)
{
    private volatile Reading? _last;

    /// <summary>The time there at a timestamp of this backend's clock, in microseconds since 1970; null if not known yet.</summary>
    public long? At(long timestamp) =>
        _last is { } last ? last.Microseconds + RedisFields.Microseconds(time.GetElapsedTime(last.Timestamp, timestamp)) : null;

    /// <summary>Redis has said what time it was there, at this timestamp or later.</summary>
    public void Set(long timestamp, long microseconds) => _last = new Reading(timestamp, microseconds);

    private sealed record Reading(long Timestamp, long Microseconds);
}
