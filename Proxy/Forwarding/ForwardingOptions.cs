namespace GameStack.Proxy.Forwarding;

/// <summary>The settings in the section <c>Forwarding</c>; times are written as <c>hh:mm:ss</c>.</summary>
internal sealed class ForwardingOptions
{
    public const string Section = "Forwarding";

    /// <summary>
    /// How long opening a connection to a backend may take. Backends are nearby, so a backend that takes longer is not running.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a backend may be silent. This is longer than the longest long poll (30 s), which is silent until something happens.
    /// </summary>
    public TimeSpan ActivityTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>How long an event stream may be silent; its total duration has no limit.</summary>
    public TimeSpan StreamActivityTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The maximum age of a connection to a backend. Behind a cluster's service address, each connection leads to one backend, so this
    /// setting determines how soon new backends get their share.
    /// </summary>
    public TimeSpan ConnectionLifetime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How often each backend's <c>/health</c> is probed. Two failures in a row take the backend out of rotation, well within its drain
    /// time.
    /// </summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(1);

    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a backend that failed calls gets no calls, even if its probes succeed.</summary>
    public TimeSpan ReactivationPeriod { get; set; } = TimeSpan.FromSeconds(2);
}
