using GameStack.Backend.Queue;
using GameStack.ServiceDefaults.Shutdown;

namespace GameStack.Backend.Matches;

/// <summary>Forms matches when their time comes and takes over what other backends have dropped: woken by changes, or by the next thing that is due.</summary>
internal sealed partial class Matchmaker(
    IMatchQueue queue, MatchAssigner assigner, QueueSignals signals, ShutdownState shutdown, TimeProvider time, ILogger<Matchmaker> logger)
    : BackgroundService
{
    /// <summary>A published wake-up can be lost with its connection; this bounds what that costs.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan DelayAfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>The first look at the queue comes before the listener opens: no join may end up in memory only because Redis was not asked yet.</summary>
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

    /// <summary>By now the listener is closed, so no join can begin another claim.</summary>
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
        // A backend that drains takes no more claims.
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
        // Not broken off: a claim that nobody heard of would wait for its lease.
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
            // Due.
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
