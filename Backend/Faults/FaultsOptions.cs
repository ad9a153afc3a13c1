using System.ComponentModel.DataAnnotations;

namespace GameStack.Backend.Faults;

/// <summary>The section <c>Faults</c> of the configuration. Without a <see cref="Step"/> there are no faults.</summary>
public sealed class FaultsOptions
{
    public const string Section = "Faults";

    public MatchStep? Step { get; set; }

    public FaultAction Action { get; set; } = FaultAction.Kill;

    /// <summary>How many times the step is reached until something happens; 1 is the first time.</summary>
    [Range(1, int.MaxValue, ErrorMessage = "Faults:After must be at least 1.")]
    public int After { get; set; } = 1;

    /// <summary>For <see cref="FaultAction.Delay"/>.</summary>
    [Range(0, 3_600_000, ErrorMessage = "Faults:DelayMilliseconds must be between 0 and 3600000.")]
    public int DelayMilliseconds { get; set; } = 1000;
}
