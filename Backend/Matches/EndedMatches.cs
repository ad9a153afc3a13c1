using GameStack.Backend.Background;
using GameStack.Backend.GameServers;
using GameStack.Backend.Queue;

namespace GameStack.Backend.Matches;

/// <summary>Releases the servers of matches that any backend has ended.</summary>
internal sealed class EndedMatches(IGameServerFleet fleet, QueueSignals signals, TimeProvider time, ILogger<EndedMatches> logger)
    : RepeatingService("release the servers of ended matches", time, logger)
{
    protected override async Task RunRoundAsync(CancellationToken stoppingToken)
    {
        await foreach (var matchId in signals.WatchEndsAsync(stoppingToken))
        {
            await fleet.ReleaseAsync(matchId, stoppingToken);
        }
    }
}
