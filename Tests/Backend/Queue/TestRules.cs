using GameStack.Backend.Queue;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.Queue;

internal static class TestRules
{
    /// <summary>How long a player may be silent under these rules.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromDays(1);

    /// <summary>Rules under which only what a test does moves the queue: no flush and no lease runs out by itself.</summary>
    public static IOptions<MatchmakingOptions> Of(int size, int min = 2, double flush = 3_600, double lease = 600, string? queue = null) =>
        Options.Create(new MatchmakingOptions
        {
            SessionSize = size,
            MinPartialSessionSize = min,
            FlushWaitSeconds = flush,
            SilentSeconds = Silence.TotalSeconds,
            LeaseSeconds = lease,
            Queue = queue ?? Guid.NewGuid().ToString("N"),
        });
}
