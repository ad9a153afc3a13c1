using GameStack.Backend.Background;
using GameStack.Backend.Life;
using GameStack.ServiceDefaults.Timing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.Backend.Records;

/// <summary>
/// Carries records from the outbox to Postgres. It reads, writes, and only then removes entries, so that a crash at any point repeats work
/// but loses no record. It also migrates the tables, as soon as Postgres is available. As a health check, it reports whether Postgres
/// took what was last written; a probe never waits for Postgres.
/// </summary>
internal sealed partial class MatchRecordWriter(
    IMatchOutbox outbox,
    PostgresMatchRecords records,
    PostgresAccess access,
    MatchRecordInstruments instruments,
    OutboxLosses losses,
    MatchLife life,
    TimeProvider time,
    ILogger<MatchRecordWriter> logger) : RepeatingService("write match records", time, logger), IHealthCheck
{
    private const int BatchSize = 500;

    /// <summary>
    /// How often the writer writes nothing, if there is nothing else to write, to see whether Postgres would take it. After a failure, it
    /// does so before each try.
    /// </summary>
    private static readonly TimeSpan CheckPeriod = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long new entries gather before they are written: the players of a match are notified first, and busy times cost fewer writes.
    /// </summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// How long a stopping backend may keep writing. Other backends write what is left, or it is written after the next start.
    /// </summary>
    private static readonly TimeSpan LastDrain = TimeSpan.FromSeconds(5);

    private Task? _moreEntries;
    private bool _checkDue = true;

    /// <summary>Postgres may take a write of nothing, but not these records: a row may be locked.</summary>
    private bool _batchFailed;
    private volatile string? _reason = "The tables of the match records have not been checked yet.";

    /// <summary>
    /// Degraded while Postgres is unavailable: matches go on without it, and their records are written later. Only a backend that Postgres
    /// refuses from its start on is not ready.
    /// </summary>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(access.Check(context, _reason));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await base.ExecuteAsync(stoppingToken);
        await DrainAsync();
    }

    protected override async Task RunRoundAsync(CancellationToken stoppingToken)
    {
        if (!records.IsReady)
        {
            await records.PrepareAsync(stoppingToken);
            access.Granted();
        }

        // Before reading, which takes the outbox's turn: a backend that cannot write must leave the turn to one that can.
        if (_checkDue)
        {
            await WriteAsync([], stoppingToken);
        }

        // Start waiting before reading, so that an entry that arrives in between also ends the wait.
        _moreEntries = _moreEntries is { IsCompleted: false } ? _moreEntries : outbox.WaitForEntriesAsync(stoppingToken);
        if (await WriteBatchAsync(stoppingToken) > 0)
        {
            return;
        }

        (_batchFailed, _reason) = (false, null);
        Succeeded();
        using var check = new TimeLimit(CheckPeriod, Time, stoppingToken);
        try
        {
            await _moreEntries.WaitAsync(check.Token);
            await Task.Delay(Gathering, Time, stoppingToken);
        }
        catch (OperationCanceledException) when (check.HasExpired)
        {
            _checkDue = true;
        }
    }

    protected override void OnFailure(Exception exception)
    {
        instruments.Failures.Add(1);
        _checkDue = true;
        if (exception is DependencyUnavailableException { Dependency: PostgresMatchRecords.Dependency } unavailable)
        {
            _reason = unavailable.Message;
            access.Failed(unavailable);
        }
    }

    private async Task DrainAsync()
    {
        using var patience = new CancellationTokenSource(LastDrain, Time);
        try
        {
            if (!records.IsReady || (_checkDue && !await CanWriteAsync(patience.Token)))
            {
                return;
            }

            while (await WriteBatchAsync(patience.Token) > 0)
            {
            }
        }
        catch (Exception e)
        {
            // Nothing is lost: records that were not written are still in the outbox.
            Log.StoppedEarly(Logger, e);
        }
    }

    /// <summary>
    /// As in each round: a backend that cannot write must not take the outbox's turn. That it cannot is in the log since it began.
    /// </summary>
    private async Task<bool> CanWriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync([], cancellationToken);
            return true;
        }
        catch (DependencyUnavailableException)
        {
            return false;
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
        var started = Time.GetTimestamp();
        MatchRecord[] batch = [.. entries.Select(entry => entry.Record).OfType<MatchRecord>()];
        _batchFailed = true;
        try
        {
            await WriteAsync(batch, cancellationToken);
            instruments.Written.Add(batch.Length);
        }
        catch (MatchRecordRefusedException)
        {
            await WriteOneByOneAsync(batch, cancellationToken);
        }

        await SetUnreadableAsideAsync(entries, cancellationToken);
        (_batchFailed, _reason) = (false, null);
        instruments.WriteDuration.Record(Time.GetElapsedTime(started).TotalSeconds);
        life.Announce(new MatchStep.RecordsCommitted(entries.Count));
        await outbox.TrimAsync([.. entries.Select(entry => entry.Id)], cancellationToken);
        losses.End();
        return entries.Count;
    }

    /// <summary>What Postgres takes also shows that it is available, unless it has just refused more than this.</summary>
    private async Task WriteAsync(IReadOnlyList<MatchRecord> batch, CancellationToken cancellationToken)
    {
        await records.UpsertAsync(batch, cancellationToken);
        (_checkDue, _reason) = (false, _batchFailed ? _reason : null);
        access.Granted();
    }

    private async Task WriteOneByOneAsync(IReadOnlyList<MatchRecord> batch, CancellationToken cancellationToken)
    {
        foreach (var record in batch)
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
                Log.Refused(Logger, record.SessionId, PostgresMatchRecords.Describe(record), e);
            }
        }
    }

    private async Task SetUnreadableAsideAsync(IReadOnlyList<OutboxEntry> entries, CancellationToken cancellationToken)
    {
        foreach (var text in entries.Select(entry => entry.Unreadable).OfType<string>())
        {
            await records.SetAsideAsync(text, "The backend cannot read this entry of the outbox.", cancellationToken);
            instruments.Refused.Add(1);
            Log.Unreadable(Logger, text);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Refused, LogLevel.Error,
            "Postgres refused the record of match {MatchId}; kept it in match_records_refused: {Record}")]
        public static partial void Refused(ILogger logger, Guid matchId, string record, Exception exception);

        [LoggerMessage(EventIds.Unreadable, LogLevel.Error,
            "Cannot read an entry of the outbox; kept it in match_records_refused: {Entry}")]
        public static partial void Unreadable(ILogger logger, string entry);

        [LoggerMessage(EventIds.StoppedEarly, LogLevel.Warning,
            "Stopped before all match records were written; the rest stay in the outbox")]
        public static partial void StoppedEarly(ILogger logger, Exception exception);
    }
}
