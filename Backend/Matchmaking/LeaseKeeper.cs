using Microsoft.Extensions.Options;

namespace GameStack.Backend.Matchmaking;

/// <summary>Says that this backend lives, and keeps the leases of the claims it is working on.</summary>
internal sealed partial class LeaseKeeper(
    IMatchQueue queue, MatchAssigner assigner, TimeProvider time, IOptions<MatchmakingOptions> options, ILogger<LeaseKeeper> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Lease / 3, time);
        do
        {
            try
            {
                await queue.RenewAsync([.. assigner.Held], stoppingToken);
            }
            catch (Exception e) when (QueueFault.Is(e))
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
