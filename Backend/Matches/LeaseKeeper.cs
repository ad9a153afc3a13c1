using GameStack.Backend.Background;
using GameStack.Backend.Queue;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Matches;

/// <summary>Sends this backend's heartbeat and renews the leases of the claims that it is working on, three times in a lease.</summary>
internal sealed class LeaseKeeper(
    IMatchQueue queue, MatchAssigner assigner, TimeProvider time, IOptions<MatchmakingOptions> options, ILogger<LeaseKeeper> logger)
    : RepeatingService("renew leases", time, logger, options.Value.Renewal)
{
    protected override async Task RunRoundAsync(CancellationToken stoppingToken) =>
        await queue.RenewAsync([.. assigner.Held], stoppingToken);
}
