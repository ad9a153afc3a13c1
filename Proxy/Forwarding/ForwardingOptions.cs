namespace GameStack.Proxy.Forwarding;

/// <summary>Section <c>Forwarding</c>; times as <c>hh:mm:ss</c>.</summary>
internal sealed class ForwardingOptions
{
    public const string Section = "Forwarding";

    /// <summary>How long opening a connection to a backend may take: they are near, or they are gone.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a backend may be silent. Above the longest long-poll (30 s), which is silent until something happens.</summary>
    public TimeSpan ActivityTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>How long an event stream may be silent; there is no limit to how long it lasts.</summary>
    public TimeSpan StreamActivityTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How old a connection to a backend gets. Behind a cluster's service address a connection is a backend, so this is how fast new ones get their share.
    /// </summary>
    public TimeSpan ConnectionLifetime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often each backend's <c>/health</c> is asked; two failures in a row take it out of rotation, well within its drain time.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(1);

    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a backend that failed calls is left alone, its probes notwithstanding.</summary>
    public TimeSpan ReactivationPeriod { get; set; } = TimeSpan.FromSeconds(2);
}
