using GameStack.Backend.Background;
using GameStack.Backend.Queue;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Records;

/// <summary>
/// Deletes the matches that ended more than <see cref="RecordsOptions.KeepDays"/> ago, once an hour and by one backend at a time. A match
/// in play is never deleted: a row without an end is deleted only if the match began so long before that it must be over, which means
/// that its end was lost.
/// </summary>
internal sealed partial class OldRecordsDeleter(
    PostgresMatchRecords records, MatchRecordInstruments instruments, IOptions<RecordsOptions> options, TimeProvider time,
    ILogger<OldRecordsDeleter> logger)
    : RepeatingService("delete old match records", time, logger, TimeSpan.FromHours(1))
{
    /// <summary>Small, so that no other statement waits long.</summary>
    private const int BatchSize = 1_000;

    private readonly TimeSpan _keep = TimeSpan.FromDays(options.Value.KeepDays);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _keep > TimeSpan.Zero ? base.ExecuteAsync(stoppingToken) : Task.CompletedTask;

    protected override async Task RunRoundAsync(CancellationToken stoppingToken)
    {
        await records.PrepareAsync(stoppingToken);
        var endedBefore = Time.GetUtcNow() - _keep;
        var createdBefore = endedBefore - QueueLimits.LiveTimeToLive;
        var total = 0L;
        while (await records.DeleteOldAsync(endedBefore, createdBefore, BatchSize, stoppingToken) is > 0 and var deleted)
        {
            instruments.Deleted.Add(deleted);
            total += deleted;
        }

        if (total > 0)
        {
            Log.Deleted(Logger, total, endedBefore);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.OldRecordsDeleted, LogLevel.Information, "Deleted {Count} match records from before {Time:u}")]
        public static partial void Deleted(ILogger logger, long count, DateTimeOffset time);
    }
}
