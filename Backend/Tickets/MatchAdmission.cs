using System.Globalization;
using GameStack.Contracts.Tickets;

namespace GameStack.Backend.Tickets;

/// <summary>
/// What the tickets of a match say about its server, and the keys that they may be signed with. The queue keeps it as one text with the
/// match, so that any backend can hand out tickets for it.
/// </summary>
/// <param name="Server">The server's name.</param>
/// <param name="Address">The server's game port inside the cluster: <c>10.0.0.7:8080</c>, with an IPv6 host in brackets.</param>
/// <param name="KeyIds">The ids of the keys that the server was told, separated by commas; empty when they are not known.</param>
public sealed record MatchAdmission(string Server, string Address, string KeyIds)
{
    /// <summary>
    /// The players' seats, in their order, separated by commas; empty when the first player has seat 0, and so on. They differ where
    /// players have left before the match was assigned, but after its server was told its players.
    /// </summary>
    public string Seats { get; init; } = "";

    /// <summary>The two parts of <see cref="Address"/>.</summary>
    public (string Host, int Port) HostAndPort
    {
        get
        {
            var colon = Address.LastIndexOf(':');
            return (Address[..colon].Trim('[', ']'), int.Parse(Address.AsSpan(colon + 1), CultureInfo.InvariantCulture));
        }
    }

    public static MatchAdmission At(string server, string host, int port) =>
        new(server, host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}", "");

    /// <summary>The same with the keys that the server was told.</summary>
    public MatchAdmission SignedWith(IEnumerable<TicketKey> keys) => this with { KeyIds = string.Join(',', keys.Select(key => key.Id)) };

    /// <summary>The same for those of its players who stay.</summary>
    /// <param name="told">The players that the server was told.</param>
    /// <param name="staying">Some of them, in their order.</param>
    public MatchAdmission For(IReadOnlyList<string> told, IReadOnlyList<string> staying)
    {
        ArgumentNullException.ThrowIfNull(told);
        ArgumentNullException.ThrowIfNull(staying);
        if (told.Count == staying.Count)
        {
            return this;
        }

        var seats = told.Index().Where(player => staying.Contains(player.Item)).Select(player => SeatOf(player.Index));
        return this with { Seats = string.Join(',', seats) };
    }

    /// <summary>Reads what <see cref="ToString"/> writes; null for anything else, such as a match without tickets.</summary>
    /// <param name="text">The text.</param>
    /// <param name="seats"><see cref="Seats"/>; null counts as empty.</param>
    public static MatchAdmission? Parse(string? text, string? seats) =>
        text?.Split(' ') is [var server, var address, var keyIds]
            ? new MatchAdmission(server, address, keyIds) { Seats = seats ?? "" }
            : null;

    /// <summary>The seat of the player at <paramref name="index"/> in the match's list of players.</summary>
    public int SeatOf(int index) => Seats.Length == 0 ? index : int.Parse(Seats.Split(',')[index], CultureInfo.InvariantCulture);

    /// <summary>
    /// All but the seats, which older backends do not know: <c>game-server-1a2b3c4d 10.0.0.7:8080 NzbLsXh8…,0vx7agoe…</c>
    /// </summary>
    public override string ToString() => $"{Server} {Address} {KeyIds}";
}
