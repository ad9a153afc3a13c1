using System.ComponentModel.DataAnnotations;

namespace GameStack.Proxy.FrontDoor;

/// <summary>The settings of the section <c>Limits</c> for what one address may hold.</summary>
internal sealed class AddressShareOptions
{
    public const string Section = "Limits";

    /// <summary>The part of all slots (connections, and calls in flight) that one address may have.</summary>
    [Range(0.001, 1)]
    public double AddressShare { get; set; } = 0.25;
}
