namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// What this fleet cannot do at present, and why. Each reason is logged once, and again if it returns after a while. Thread-safe.
/// </summary>
internal sealed partial class FleetObstacles(TimeProvider time, ILogger<FleetObstacles> logger)
{
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
            var isNew = !_obstacles.TryGetValue(what, out var obstacle) || obstacle.Key != key || IsOld(obstacle);
            if (obstacle is null || isNew)
            {
                _obstacles[what] = obstacle = new Obstacle { Key = key, Since = time.GetTimestamp(), IsLogged = isLogged };
            }

            (obstacle.Reason, obstacle.IsMet, obstacle.LastMet) = (reason, true, time.GetTimestamp());
            return isNew;
        }
    }

    private bool IsOld(Obstacle obstacle) => time.GetElapsedTime(obstacle.LastMet) > Memory;

    private sealed class Obstacle
    {
        public required string Key { get; init; }

        public required long Since { get; init; }

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
