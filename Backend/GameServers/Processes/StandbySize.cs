namespace GameStack.Backend.GameServers.Processes;

/// <summary>
/// How many servers to keep on standby: as many as matches asked for in the busiest second lately, but at least as many as the settings
/// say, and at most four times as many. Not thread-safe.
/// </summary>
/// <param name="least">The least number; 0 for a pool that keeps none.</param>
/// <param name="time">The clock.</param>
internal sealed class StandbySize(int least, TimeProvider time)
{
    /// <summary>How long the busiest second counts.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);

    /// <summary>After one great burst, hundreds of idle servers would only take memory.</summary>
    private const int MostTimes = 4;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Queue<long> _lastSecond = new();
    private int _most;
    private long _mostAt;
    private long _lastAt;

    public int Value => (int)Math.Clamp(Busiest(time.GetTimestamp()), least, MostTimes * (long)least);

    /// <summary>How long ago a match last asked for a server.</summary>
    public TimeSpan SinceLast => time.GetElapsedTime(_lastAt);

    /// <summary>After which the size may be smaller; infinite while it is the least.</summary>
    public TimeSpan UntilSmaller
    {
        get
        {
            if (Value == least)
            {
                return Timeout.InfiniteTimeSpan;
            }

            var left = Memory - time.GetElapsedTime(_mostAt);
            return left > Second ? left : Second;
        }
    }

    /// <summary>Counts a match that asks for a server.</summary>
    public void Ask()
    {
        var now = time.GetTimestamp();
        _lastSecond.Enqueue(_lastAt = now);
        var count = CountLastSecond(now);
        if (count >= Busiest(now))
        {
            (_most, _mostAt) = (count, now);
        }
    }

    private int Busiest(long now) => time.GetElapsedTime(_mostAt, now) < Memory ? _most : CountLastSecond(now);

    private int CountLastSecond(long now)
    {
        while (_lastSecond.TryPeek(out var first) && time.GetElapsedTime(first, now) >= Second)
        {
            _lastSecond.Dequeue();
        }

        return _lastSecond.Count;
    }
}
