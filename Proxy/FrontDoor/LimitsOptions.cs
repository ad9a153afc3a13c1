using System.ComponentModel.DataAnnotations;

namespace GameStack.Proxy.FrontDoor;

/// <summary>The section <c>Limits</c> of the configuration: what one address may hold, and how slow a client may be.</summary>
internal sealed class LimitsOptions
{
    public const string Section = "Limits";

    /// <summary>The part of all slots (connections, and calls in flight) that one address may have.</summary>
    [Range(0.001, 1)]
    public double AddressShare { get; set; } = 0.25;

    /// <summary>The time from the first byte of a request to its last header; a slower request is answered with 408.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a connection without a request is kept open. This must be longer than a load balancer keeps its idle connections:
    /// otherwise, it may send a request over a connection that is being closed here, and answer it with 502.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(120);
}
