namespace GameStack.Proxy.RateLimiting;

/// <summary>Section <c>RateLimit</c>: calls a client address may make. Many players may share one (a household, a school, a carrier).</summary>
internal sealed class RateLimitOptions
{
    public const string Section = "RateLimit";

    /// <summary>Calls a second, for as long as it likes; 0 for no limit. A player who polls makes two.</summary>
    public int PermitsPerSecond { get; set; } = 200;

    /// <summary>Calls at once, after a time of few.</summary>
    public int Burst { get; set; } = 400;

    /// <summary>Whether loopback clients are limited as well. They are not by default, so that a load test on one machine measures the stack and not this.</summary>
    public bool LimitLoopback { get; set; }
}
