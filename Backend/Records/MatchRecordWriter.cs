using GameStack.Backend.Background;
using GameStack.Backend.Life;

namespace GameStack.Backend.Records;

/// <summary>
/// Carries records from the outbox to Postgres. It reads, writes, and only then removes entries, so that a crash at any point repeats work
/// but loses no record. It also migrates the tables, as soon as Postgres is available.
/// </summary>
internal sealed partial class MatchRecordWriter(
    IMatchOutbox outbox,
    PostgresMatchRecords records,
    MatchRecordInstruments instruments,
    MatchLife life,
    TimeProvider time,
    ILogger<MatchRecordWriter> logger) : BackgroundService
{
    private const int BatchSize = 500;

    /// <summary>
    /// How long a stopping backend may keep writing. Other backends write what is left, or it is written after the next start.
    /// </summary>
    private static readonly TimeSpan LastDrain = TimeSpan.FromSeconds(5);

    private readonly Backoff _backoff = new();
    private bool _failing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Task? moreEntries = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await records.PrepareAsync(stoppingToken);

                // Start waiting before reading, so that an entry that arrives in between also wakes this loop.
                moreEntries = moreEntries is { IsCompleted: false } ? moreEntries : outbox.WaitForEntriesAsync(stoppingToken);
                var count = await WriteBatchAsync(stoppingToken);
                ReportSuccess();
                if (count == 0)
                {
                    await moreEntries;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                ReportFailure(e);
                await Task.Delay(_backoff.Next(), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await DrainAsync();
    }

    private async Task DrainAsync()
    {
        using var patience = new CancellationTokenSource(LastDrain, time);
        try
        {
            while (records.IsReady && await WriteBatchAsync(patience.Token) > 0)
            {
            }
        }
        catch (Exception e)
        {
            // Nothing is lost: records that were not written are still in the outbox.
            Log.StoppedBeforeTheEnd(logger, e);
        }
    }

    /// <summary>Returns how many entries were taken out of the outbox.</summary>
    private async Task<int> WriteBatchAsync(CancellationToken cancellationToken)
    {
        var entries = await outbox.ReadAsync(BatchSize, cancellationToken);
        if (entries.Count == 0)
        {
            return 0;
        }

        life.Announce(new MatchStep.RecordsRead(entries.Count));
        var started = time.GetTimestamp();
        try
        {
            await records.UpsertAsync([.. entries.Select(entry => entry.Record)], cancellationToken);
            instruments.Written.Add(entries.Count);
        }
        catch (MatchRecordRefusedException)
        {
            await WriteOneByOneAsync(entries, cancellationToken);
        }

        instruments.WriteDuration.Record(time.GetElapsedTime(started).TotalSeconds);
        life.Announce(new MatchStep.RecordsCommitted(entries.Count));
        await outbox.TrimAsync([.. entries.Select(entry => entry.Id)], cancellationToken);
        return entries.Count;
    }

    private async Task WriteOneByOneAsync(IReadOnlyList<OutboxEntry> entries, CancellationToken cancellationToken)
    {
        foreach (var record in entries.Select(entry => entry.Record))
        {
            try
            {
                await records.UpsertAsync([record], cancellationToken);
                instruments.Written.Add(1);
            }
            catch (MatchRecordRefusedException e)
            {
                await records.SetAsideAsync(record, e.Message, cancellationToken);
                instruments.Refused.Add(1);
                Log.Refused(logger, record.SessionId, PostgresMatchRecords.Describe(record), e);
            }
        }
    }

    private void ReportSuccess()
    {
        _backoff.Reset();
        if (_failing)
        {
            _failing = false;
            Log.WritingAgain(logger);
        }
    }

    private void ReportFailure(Exception exception)
    {
        instruments.Failures.Add(1);
        if (!_failing)
        {
            _failing = true;
            Log.CannotWrite(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 301, Level = LogLevel.Warning,
            Message = "Match records cannot be written; they stay in the outbox and are tried again until they can")]
        public static partial void CannotWrite(ILogger logger, Exception exception);

        [LoggerMessage(EventId = 302, Level = LogLevel.Information, Message = "Match records are written again")]
        public static partial void WritingAgain(ILogger logger);

        [LoggerMessage(EventId = 303, Level = LogLevel.Error,
            Message = "Postgres refuses the record of match {MatchId}, which is kept in match_records_refused: {Record}")]
        public static partial void Refused(ILogger logger, Guid matchId, string record, Exception exception);

        [LoggerMessage(EventId = 304, Level = LogLevel.Warning, Message = "Stopped with match records left in the outbox")]
        public static partial void StoppedBeforeTheEnd(ILogger logger, Exception exception);
    }
}
