using System.ComponentModel.DataAnnotations;
using GameStack.Contracts.Tickets;
using GameStack.ServiceDefaults.Settings;

namespace GameStack.Proxy.Gateway;

/// <summary>The section <c>Tickets</c>: what the gateway needs to check match tickets.</summary>
internal sealed class TicketsOptions
{
    public const string Section = "Tickets";

    /// <summary>
    /// A file with the public keys of the backends (P-256, PEM), as many as a rotation needs. Without it, there is no gateway: no ticket
    /// could let a player in. A new key in the file counts within a second.
    /// </summary>
    [ExistingFile]
    public string? PublicKeyFile { get; set; }

    /// <summary>How long after its expiry a ticket still counts, since clocks differ.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ClockSkew { get; set; } = TicketClaims.DefaultClockSkew;
}
