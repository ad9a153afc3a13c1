using GameStack.Backend.Background;
using GameStack.Backend.GameServers;
using GameStack.Backend.Queue;
using GameStack.ServiceDefaults.Shutdown;
using GameStack.ServiceDefaults.Timing;

namespace GameStack.Backend.Matches;

/// <summary>
/// Forms matches when they are due and takes over claims that other backends have dropped. Changes wake it, and so does the next due time.
/// While the backend drains, or game servers refuse it, it only keeps Redis up to date.
/// </summary>
internal sealed partial class Matchmaker(
    IMatchQueue queue, MatchAssigner assigner, IGameServerFleet fleet, QueueSignals signals, ShutdownState shutdown, TimeProvider time,
    ILogger<Matchmaker> logger)
    : RepeatingService("form matches", time, logger)
{
    /// <summary>A published wake-up can be lost with its connection; this limits the delay that results.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(5);

    /// <summary>Leaves the services that stop afterwards enough of the time that the host gives all of them.</summary>
    private static readonly TimeSpan LongestClose = TimeSpan.FromSeconds(15);

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
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The first round meets the same failure, says so, and tries again.
        }

        await base.StartAsync(cancellationToken);
    }

    /// <summary>
    /// The HTTP listener is closed by now, so no join can start another claim. Players who wait in this backend's memory are lost with it,
    /// so it waits for Redis to take them.
    /// </summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var limit = new TimeLimit(LongestClose, Time, cancellationToken);
        var backoff = new Backoff();
        try
        {
            await assigner.HandOverAsync().WaitAsync(limit.Token);
            while (!await queue.CloseAsync(limit.Token))
            {
                await Task.Delay(backoff.Next(), Time, limit.Token);
            }
        }
        catch (OperationCanceledException) when (limit.Token.IsCancellationRequested)
        {
            Log.NotHandedOver(Logger);
        }
    }

    protected override async Task RunRoundAsync(CancellationToken stoppingToken)
    {
        var nextDue = shutdown.IsDraining || fleet.IsShutOut ? await ReturnAsync(stoppingToken) : await AdvanceAsync();
        Succeeded();
        using var alarm = new TimeLimit(nextDue < LongestSleep ? nextDue.Value : LongestSleep, Time, stoppingToken);
        try
        {
            await signals.WaitForQueueAsync(alarm.Token);
        }
        catch (OperationCanceledException) when (alarm.HasExpired)
        {
            // The next due time has come.
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

    /// <summary>Such a backend takes no more claims, but its matches go on, so Redis must still know them.</summary>
    private async Task<TimeSpan?> ReturnAsync(CancellationToken cancellationToken)
    {
        await queue.ReturnAsync(cancellationToken);
        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotHandedOver, LogLevel.Warning,
            "Redis did not become usable again in time: the players in this backend's memory have to join again")]
        public static partial void NotHandedOver(ILogger logger);
    }
}
