using GameStack.Backend.Queue;
using GameStack.ServiceDefaults.Shutdown;

namespace GameStack.Backend.Matches;

/// <summary>
/// Forms matches when they are due and takes over claims that other backends have dropped. Changes wake it, and so does the next due time.
/// </summary>
internal sealed partial class Matchmaker(
    IMatchQueue queue, MatchAssigner assigner, QueueSignals signals, ShutdownState shutdown, TimeProvider time, ILogger<Matchmaker> logger)
    : BackgroundService
{
    /// <summary>A published wake-up can be lost with its connection; this limits the delay that results.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan DelayAfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Advances the queue once before the HTTP listener opens. Otherwise, a join could be queued in memory only because this backend had
    /// not contacted Redis yet.
    /// </summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await AdvanceAsync();
        }
        catch (DependencyUnavailableException e)
        {
            Log.Failed(logger, exception: null, e.Message);
        }

        await base.StartAsync(cancellationToken);
    }

    /// <summary>The HTTP listener is closed by now, so no join can start another claim.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await assigner.HandOverAsync().WaitAsync(cancellationToken);
            await queue.HandOverAsync([], cancellationToken);
        }
        catch (DependencyUnavailableException e)
        {
            Log.NotHandedOver(logger, e.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A draining backend takes no more claims.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(shutdown.Draining, stoppingToken);
        await AdvanceUntilAsync(either.Token);
    }

    private async Task AdvanceUntilAsync(CancellationToken stoppingToken)
    {
        var healthy = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var nextDue = await AdvanceAsync();
                healthy = true;
                await SleepAsync(nextDue ?? LongestSleep, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (healthy)
                {
                    Log.Failed(logger, e is DependencyUnavailableException ? null : e, e.Message);
                }

                healthy = false;
                await Task.Delay(DelayAfterFailure, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<TimeSpan?> AdvanceAsync()
    {
        // Not cancelled: a claim that this backend did not receive would wait until its lease expires.
        var advance = await queue.AdvanceAsync(CancellationToken.None);
        foreach (var claim in advance.Claims)
        {
            assigner.Begin(claim);
        }

        return advance.NextDue;
    }

    private async Task SleepAsync(TimeSpan due, CancellationToken stoppingToken)
    {
        using var alarm = new CancellationTokenSource(due < LongestSleep ? due : LongestSleep, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(alarm.Token, stoppingToken);
        try
        {
            await signals.WaitForQueueAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // The next due time has come.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(140, LogLevel.Error, "The queue could not be advanced, trying on: {Reason}")]
        public static partial void Failed(ILogger logger, Exception? exception, string reason);

        [LoggerMessage(141, LogLevel.Warning, "Claims could not be handed over, so their leases run out: {Reason}")]
        public static partial void NotHandedOver(ILogger logger, string reason);
    }
}
