using System.ComponentModel.DataAnnotations;
using GameStack.Contracts.Tickets;

namespace GameStack.Backend.Tickets;

/// <summary>The settings of the section <c>Tickets</c>.</summary>
internal sealed class TicketsOptions
{
    public const string Section = "Tickets";

    /// <summary>
    /// The files with the private keys that sign tickets (P-256, PEM), separated by commas. The first key signs for new matches; the others
    /// are those of a rotation. Without a key, there are no tickets.
    /// </summary>
    public string? KeyFile { get; set; }

    /// <summary>How far the clocks of backends, game servers and proxies may differ.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ClockSkew { get; set; } = TicketClaims.DefaultClockSkew;

    internal bool HasKey => KeyFile is not null;

    /// <summary>Reads all keys.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    /// <exception cref="ArgumentException">A file has something else than private keys.</exception>
    internal IReadOnlyList<SigningKey> ReadKeys() =>
    [
        .. (KeyFile ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .SelectMany(file => TicketKey.ImportPem(File.ReadAllText(file)))
            .Select(key => new SigningKey(key)),
    ];
}
