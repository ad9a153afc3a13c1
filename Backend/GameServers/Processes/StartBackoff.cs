namespace GameStack.Backend.GameServers.Processes;

/// <summary>
/// How long to wait before starting the next process after failures: no wait after the first failure, then 200 ms, doubled with each
/// further failure, at most 10 s. Logs each new reason once. Not thread-safe.
/// </summary>
internal sealed partial class StartBackoff(TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Failures further apart than this are unrelated.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    private int _failures;
    private long _lastFailure;

    /// <summary>Why the last process failed; null when none has failed since the last success.</summary>
    public string? Reason { get; private set; }

    /// <summary>Zero when a process may be started now.</summary>
    public TimeSpan Remaining
    {
        get
        {
            if (_failures < 2)
            {
                return TimeSpan.Zero;
            }

            var delay = Shortest * Math.Pow(2, Math.Min(_failures - 2, 10));
            var remaining = (delay < Longest ? delay : Longest) - time.GetElapsedTime(_lastFailure);
            return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
        }
    }

    /// <param name="startedAt">
    /// When the failed process was started. Processes that were started side by side and fail together count as one failure.
    /// </param>
    /// <param name="reason">Why the process failed, in one sentence.</param>
    public void Failed(long startedAt, string reason)
    {
        var first = Reason is null || time.GetElapsedTime(_lastFailure) > Memory;
        if (first || startedAt >= _lastFailure)
        {
            _failures = first ? 1 : _failures + 1;
            _lastFailure = time.GetTimestamp();
        }

        if (Reason != reason)
        {
            Log.Failed(logger, reason);
        }

        Reason = reason;
    }

    public void Succeeded()
    {
        if (Reason is not null)
        {
            Log.WorkAgain(logger);
        }

        _failures = 0;
        Reason = null;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.StartBackoffFailed, LogLevel.Error, "Game servers fail: {Why}")]
        public static partial void Failed(ILogger logger, string why);

        [LoggerMessage(EventIds.WorkAgain, LogLevel.Information, "Game servers work again")]
        public static partial void WorkAgain(ILogger logger);
    }
}
