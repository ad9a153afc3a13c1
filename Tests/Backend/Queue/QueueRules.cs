using GameStack.Backend.Queue;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.Queue;

internal static class QueueRules
{
    /// <summary>Rules under which only what a test does moves the queue: no flush and no lease runs out by itself.</summary>
    public static IOptions<MatchmakingOptions> Of(int size, int min = 2, double flush = 3_600, double lease = 600, string? queue = null) =>
        Options.Create(new MatchmakingOptions
        {
            SessionSize = size,
            MinPartialSessionSize = min,
            FlushWaitSeconds = flush,
            LeaseSeconds = lease,
            Queue = queue ?? Guid.NewGuid().ToString("N"),
        });
}
