using GameStack.ServiceDefaults.Settings;

namespace GameStack.Proxy.Forwarding;

/// <summary>The settings in the section <c>Forwarding</c>; times are written as <c>hh:mm:ss</c>.</summary>
internal sealed class ForwardingOptions
{
    public const string Section = "Forwarding";

    /// <summary>
    /// How long opening a connection to a backend may take. Backends are nearby, so a backend that takes longer is not running.
    /// </summary>
    [Duration]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a backend may be silent. This is longer than the longest long poll (30 s), which is silent until something happens.
    /// </summary>
    [Duration]
    public TimeSpan ActivityTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>
    /// How often each backend's <c>/health</c> is probed. Two failures in a row take the backend out of rotation, well within its drain
    /// time.
    /// </summary>
    [Duration]
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(1);
}
