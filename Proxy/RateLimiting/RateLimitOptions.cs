namespace GameStack.Proxy.RateLimiting;

/// <summary>
/// The settings in the section <c>RateLimit</c>: how many calls a client address may make. Many players may share one address (a household,
/// a school, a carrier).
/// </summary>
internal sealed class RateLimitOptions
{
    public const string Section = "RateLimit";

    /// <summary>Calls per second that an address may make continuously; 0 for no limit. A polling player makes two.</summary>
    public int PermitsPerSecond { get; set; } = 200;

    /// <summary>Calls that an address may make at once, after a quiet period.</summary>
    public int Burst { get; set; } = 400;

    /// <summary>
    /// Whether loopback clients are limited, too. By default they are not, so that a load test on one machine measures the stack and not
    /// this limit.
    /// </summary>
    public bool LimitLoopback { get; set; }
}
