using GameStack.Backend.Background;

namespace GameStack.Backend.Records;

/// <summary>
/// Without Postgres, nothing else takes records out of the outbox, which would grow forever. This service discards them and logs that once.
/// The outbox in Redis gives it none while another backend of the queue has a Postgres, as in a rolling change of that setting.
/// </summary>
internal sealed partial class OutboxDiscarder(IMatchOutbox outbox, TimeProvider time, ILogger<OutboxDiscarder> logger)
    : RepeatingService("discard match records", time, logger)
{
    private const int BatchSize = 500;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Log.NoPostgres(Logger);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task RunRoundAsync(CancellationToken stoppingToken)
    {
        await outbox.WaitForEntriesAsync(stoppingToken);
        while (await outbox.ReadAsync(BatchSize, stoppingToken) is { Count: > 0 } entries)
        {
            await outbox.TrimAsync([.. entries.Select(entry => entry.Id)], stoppingToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.NoPostgres, LogLevel.Warning,
            "No Postgres is configured (ConnectionStrings__matches or DATABASE_URL); match records are discarded, "
            + "unless another backend of the queue has one")]
        public static partial void NoPostgres(ILogger logger);
    }
}
