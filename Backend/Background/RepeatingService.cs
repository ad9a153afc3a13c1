namespace GameStack.Backend.Background;

/// <summary>
/// Repeats one round of work until the host stops. A round that fails is logged once and tried again; the waits in between grow with every
/// failure in a row.
/// </summary>
/// <param name="work">What a round does, as it continues the words "Cannot …", such as <c>renew leases</c>.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Gets the failures.</param>
/// <param name="period">How long to wait after a round. Without it, each round waits for whatever wakes it.</param>
internal abstract partial class RepeatingService(string work, TimeProvider time, ILogger logger, TimeSpan period = default)
    : BackgroundService
{
    private readonly Backoff _backoff = new();
    private bool _failing;

    protected TimeProvider Time => time;

    protected ILogger Logger => logger;

    protected abstract Task RunRoundAsync(CancellationToken stoppingToken);

    /// <summary>Runs after every failed round, also after those that are not logged.</summary>
    protected virtual void OnFailure(Exception exception)
    {
    }

    /// <summary>Says that the work succeeds, for rounds that go on to wait for more of it. The end of a round says so too.</summary>
    protected void Succeeded()
    {
        _backoff.Reset();
        if (_failing)
        {
            _failing = false;
            Log.WorksAgain(logger, work);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var delay = period;
            try
            {
                await RunRoundAsync(stoppingToken);
                Succeeded();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                ReportFailure(e);
                delay = _backoff.Next();
            }

            await Task.Delay(delay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void ReportFailure(Exception exception)
    {
        OnFailure(exception);
        if (_failing)
        {
            return;
        }

        _failing = true;
        if (exception is DependencyUnavailableException)
        {
            Log.Unavailable(logger, work, exception.Message);
        }
        else
        {
            Log.Failed(logger, work, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Unavailable, LogLevel.Warning, "Cannot {Work}; retrying: {Reason}")]
        public static partial void Unavailable(ILogger logger, string work, string reason);

        [LoggerMessage(EventIds.RepeatingServiceFailed, LogLevel.Error, "Cannot {Work}; retrying")]
        public static partial void Failed(ILogger logger, string work, Exception exception);

        [LoggerMessage(EventIds.WorksAgain, LogLevel.Information, "Can {Work} again")]
        public static partial void WorksAgain(ILogger logger, string work);
    }
}
