using System.ComponentModel.DataAnnotations;

namespace GameStack.ServiceDefaults.Shutdown;

/// <summary>The section <c>Shutdown</c> of the configuration. A pod's grace period has to be longer than the sum of both times.</summary>
public sealed class ShutdownOptions
{
    public const string Section = "Shutdown";

    /// <summary>
    /// How long requests are still accepted after readiness begins to fail, so that their senders can notice: 5, or 0 in Development, where
    /// nobody watches readiness and Ctrl+C should be quick.
    /// </summary>
    [Range(0, 3600)]
    public double DrainSeconds { get; set; } = 5;

    /// <summary>How long requests in flight may take after the listener has closed.</summary>
    [Range(0, 3600)]
    public double TimeoutSeconds { get; set; } = 30;

    internal TimeSpan Drain => TimeSpan.FromSeconds(DrainSeconds);

    internal TimeSpan Total => TimeSpan.FromSeconds(DrainSeconds + TimeoutSeconds);
}
