using System.ComponentModel.DataAnnotations;
using GameStack.ServiceDefaults.Settings;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>The section <c>Gateway</c>: where players reach the gateway, with <see cref="GameServerExposure.Gateway"/>.</summary>
internal sealed class GatewayAddressOptions
{
    public const string Section = "Gateway";

    /// <summary>The host that players get.</summary>
    [HostAddress(ForOthers = true)]
    public string? PublicHost { get; set => field = value is null ? null : HostAddressAttribute.TryParse(value); }

    /// <summary>The port that players get.</summary>
    [Range(1, ushort.MaxValue)]
    public int PublicPort { get; set; } = 7777;
}
