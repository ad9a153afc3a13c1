using GameStack.Backend.Background;

namespace GameStack.Backend.Records;

/// <summary>
/// Without Postgres, nothing else takes records out of the outbox, which would grow forever. This service discards them and logs that once.
/// </summary>
internal sealed partial class OutboxDiscarder(IMatchOutbox outbox, TimeProvider time, ILogger<OutboxDiscarder> logger) : BackgroundService
{
    private const int BatchSize = 500;
    private readonly Backoff _backoff = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Log.NoPostgres(logger);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await outbox.WaitForEntriesAsync(stoppingToken);
                while (await outbox.ReadAsync(BatchSize, stoppingToken) is { Count: > 0 } entries)
                {
                    await outbox.TrimAsync([.. entries.Select(entry => entry.Id)], stoppingToken);
                }

                _backoff.Reset();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.CannotDiscard(logger, e.Message);
                await Task.Delay(_backoff.Next(), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(300, LogLevel.Warning, "No Postgres is configured (ConnectionStrings:matches or DATABASE_URL): matches are not recorded")]
        public static partial void NoPostgres(ILogger logger);

        [LoggerMessage(305, LogLevel.Warning, "The outbox cannot be read: {Reason}")]
        public static partial void CannotDiscard(ILogger logger, string reason);
    }
}
