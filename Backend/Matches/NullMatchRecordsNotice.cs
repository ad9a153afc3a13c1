namespace GameStack.Backend.Matches;

/// <summary>Says once, at start, that matches are not recorded.</summary>
internal sealed partial class NullMatchRecordsNotice(ILogger<NullMatchRecordsNotice> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Log.NoPostgres(logger);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(EventId = 300, Level = LogLevel.Warning,
            Message = "No Postgres is configured (ConnectionStrings:matches or DATABASE_URL): match records stay in the outbox")]
        public static partial void NoPostgres(ILogger logger);
    }
}
