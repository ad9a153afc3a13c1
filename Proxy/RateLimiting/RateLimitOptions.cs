using System.ComponentModel.DataAnnotations;

namespace GameStack.Proxy.RateLimiting;

/// <summary>
/// The settings in the section <c>RateLimit</c>. Many players may share one address (a household, a school, a carrier), so an address may
/// poll for a thousand players, but bring in new players only as fast as people do. 0 turns a limit off.
/// </summary>
internal sealed class RateLimitOptions
{
    public const string Section = "RateLimit";

    private const int Most = 1_000_000;

    /// <summary>
    /// Calls per second that an address may make continuously. A polling player makes two. Ends of matches, and calls that are not about
    /// one player, cost as much as <see cref="ClientRateLimit.WeightOfOtherCalls"/> of these.
    /// </summary>
    [Range(0, Most)]
    public int PermitsPerSecond { get; set; } = 3000;

    /// <summary>Calls that an address may make at once, after a quiet period.</summary>
    [Range(0, Most)]
    public int Burst { get; set; } = 6000;

    /// <summary>Calls per second that an address may make continuously for one player.</summary>
    [Range(0, Most)]
    public int PlayerCallsPerSecond { get; set; } = 10;

    /// <summary>Calls that an address may make at once for one player, after a quiet period.</summary>
    [Range(0, Most)]
    public int PlayerBurst { get; set; } = 50;

    /// <summary>Players per second that may join from an address and have not joined from there lately.</summary>
    [Range(0, Most)]
    public int NewPlayersPerSecond { get; set; } = 10;

    /// <summary>New players that may join from an address at once, after a quiet period.</summary>
    [Range(0, Most)]
    public int NewPlayersBurst { get; set; } = 200;

    /// <summary>
    /// Whether loopback clients are limited, too, in their calls and in what they hold. By default they are not, so that a load test on one
    /// machine measures the stack and not these limits.
    /// </summary>
    public bool LimitLoopback { get; set; }
}
