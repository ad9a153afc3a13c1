namespace GameStack.Backend.Records;

/// <summary>
/// Counts the records that are dropped because the outbox is full, and warns once for each time that Postgres is unavailable for so long.
/// Thread-safe.
/// </summary>
internal sealed partial class OutboxLosses(MatchRecordInstruments instruments, ILogger<OutboxLosses> logger)
{
    /// <summary>Since Postgres last took records.</summary>
    private long _dropped;

    /// <summary>Takes note that so many records were dropped.</summary>
    public void Add(long count)
    {
        if (count == 0)
        {
            return;
        }

        instruments.Dropped.Add(count);
        if (Interlocked.Add(ref _dropped, count) == count)
        {
            Log.Dropping(logger, count);
        }
    }

    /// <summary>Postgres has taken records, so there is room again.</summary>
    public void End()
    {
        if (Volatile.Read(ref _dropped) > 0 && Interlocked.Exchange(ref _dropped, 0) is > 0 and var count)
        {
            Log.Dropped(logger, count);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DroppingRecords, LogLevel.Warning,
            "The outbox is full: dropped {Count} match records so far, and drops the oldest until Postgres takes records again")]
        public static partial void Dropping(ILogger logger, long count);

        [LoggerMessage(EventIds.DroppedRecords, LogLevel.Information,
            "The outbox has room again: {Count} match records were dropped while it was full")]
        public static partial void Dropped(ILogger logger, long count);
    }
}
