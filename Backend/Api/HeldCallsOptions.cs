using System.ComponentModel.DataAnnotations;

namespace GameStack.Backend.Api;

/// <summary>The settings of the section <c>Limits</c> for calls that wait.</summary>
internal sealed class HeldCallsOptions
{
    public const string Section = "Limits";

    /// <summary>How many calls may wait for one player at once, on one backend: long polls and event streams.</summary>
    [Range(1, 1_000)]
    public int HeldCallsPerPlayer { get; set; } = 3;
}
