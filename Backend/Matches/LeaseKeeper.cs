using GameStack.Backend.Queue;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Matches;

/// <summary>Sends this backend's heartbeat and renews the leases of the claims that it is working on.</summary>
internal sealed partial class LeaseKeeper(
    IMatchQueue queue, MatchAssigner assigner, TimeProvider time, IOptions<MatchmakingOptions> options, ILogger<LeaseKeeper> logger) : BackgroundService
{
    /// <summary>The longest time between two heartbeats, however long a lease is.</summary>
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var third = options.Value.Lease / 3;
        using var timer = new PeriodicTimer(third < LongestPeriod ? third : LongestPeriod, time);
        do
        {
            try
            {
                await queue.RenewAsync([.. assigner.Held], stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Log.NotRenewed(logger, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static partial class Log
    {
        [LoggerMessage(150, LogLevel.Warning, "Leases could not be renewed: {Reason}")]
        public static partial void NotRenewed(ILogger logger, string reason);
    }
}
