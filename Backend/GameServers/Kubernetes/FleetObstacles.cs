namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// What this fleet cannot do at present, and why. Each reason is logged once, also if several alternate, and again if it returns after a
/// while. Thread-safe.
/// </summary>
internal sealed partial class FleetObstacles(TimeProvider time, ILogger<FleetObstacles> logger)
{
    /// <summary>How many reasons of one obstacle are remembered, and so are logged within <see cref="Memory"/>.</summary>
    private const int MostKeys = 16;

    /// <summary>
    /// An obstacle that is not met for this long is over, or nobody tries any more. Longer than every pause between two tries.
    /// </summary>
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Obstacle> _obstacles = new(StringComparer.Ordinal);

    /// <summary>One sentence for each obstacle.</summary>
    public IReadOnlyList<string> Reasons
    {
        get
        {
            lock (_lock)
            {
                var current = _obstacles.Where(pair => pair.Value.IsMet && !IsOld(pair.Value));
                return [.. current.Select(pair => $"Cannot {pair.Key}: {pair.Value.Reason}")];
            }
        }
    }

    /// <summary>Why something fails at present; null if it does not.</summary>
    public string? Find(string what)
    {
        lock (_lock)
        {
            return _obstacles.TryGetValue(what, out var obstacle) && obstacle.IsMet ? obstacle.Reason : null;
        }
    }

    /// <summary>Whether something has failed a short while ago, and not succeeded since.</summary>
    public bool IsPresent(string what)
    {
        lock (_lock)
        {
            return _obstacles.TryGetValue(what, out var obstacle) && obstacle.IsMet && !IsOld(obstacle);
        }
    }

    /// <summary>Says that something failed.</summary>
    /// <param name="what">What failed, as it continues the word "Cannot": <c>create pods</c>.</param>
    /// <param name="reason">Why, in one sentence.</param>
    /// <param name="key">The part of the reason that stays the same while the cause does.</param>
    /// <param name="level">The level of the log line.</param>
    public void Meet(string what, string reason, string? key = null, LogLevel level = LogLevel.Warning)
    {
        if (IsNew(what, reason, key ?? reason, isLogged: level >= LogLevel.Warning))
        {
            Log.Met(logger, level, what, reason);
        }
    }

    /// <summary>Says that a permission is missing.</summary>
    public void MeetForbidden(string what, string hint, string message, string key)
    {
        if (IsNew(what, $"{hint}. The API server says: {message}", key, isLogged: true))
        {
            Log.Forbidden(logger, hint, message);
        }
    }

    /// <summary>Says that something succeeded.</summary>
    public void Pass(string what)
    {
        lock (_lock)
        {
            if (!_obstacles.TryGetValue(what, out var obstacle) || !obstacle.IsMet)
            {
                return;
            }

            obstacle.IsMet = false;
            if (obstacle.IsLogged)
            {
                obstacle.IsLogged = false;
                Log.Passed(logger, what, time.GetElapsedTime(obstacle.Since).TotalSeconds);
            }
        }
    }

    private bool IsNew(string what, string reason, string key, bool isLogged)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (!_obstacles.TryGetValue(what, out var obstacle) || IsOld(obstacle))
            {
                _obstacles[what] = obstacle = new Obstacle();
            }

            if (!obstacle.IsMet)
            {
                (obstacle.IsMet, obstacle.Since) = (true, now);
            }

            (obstacle.Reason, obstacle.LastMet) = (reason, now);
            foreach (var (old, _) in obstacle.Keys.Where(pair => IsOld(pair.Value)).ToArray())
            {
                obstacle.Keys.Remove(old);
            }

            var isNew = !obstacle.Keys.ContainsKey(key);
            if (isNew && obstacle.Keys.Count == MostKeys)
            {
                return false;
            }

            obstacle.Keys[key] = now;
            obstacle.IsLogged |= isNew && isLogged;
            return isNew;
        }
    }

    private bool IsOld(Obstacle obstacle) => IsOld(obstacle.LastMet);

    private bool IsOld(long met) => time.GetElapsedTime(met) > Memory;

    private sealed class Obstacle
    {
        /// <summary>When each reason was last met, by the part of it that stays the same.</summary>
        public Dictionary<string, long> Keys { get; } = new(StringComparer.Ordinal);

        public long Since { get; set; }

        public string Reason { get; set; } = "";

        public long LastMet { get; set; }

        public bool IsMet { get; set; }

        /// <summary>Whether the log says that the obstacle is there, and not yet that it is over.</summary>
        public bool IsLogged { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Forbidden, LogLevel.Error, "{Hint}. The API server says: {Message}")]
        public static partial void Forbidden(ILogger logger, string hint, string message);

        [LoggerMessage(EventId = EventIds.ObstacleMet, Message = "Cannot {What}; retrying: {Reason}")]
        public static partial void Met(ILogger logger, LogLevel level, string what, string reason);

        [LoggerMessage(EventIds.ObstaclePassed, LogLevel.Information, "Can {What} again, after {Seconds:0.#} s")]
        public static partial void Passed(ILogger logger, string what, double seconds);
    }
}
