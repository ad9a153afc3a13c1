using GameStack.Contracts.Tickets;

namespace GameStack.Contracts.Api;

/// <summary>The answer to a join: a match to connect to, or a <see cref="PendingId"/> while the player still waits.</summary>
public sealed record JoinResponse
{
    /// <summary>The match's uuid, or the pending id.</summary>
    public required string SessionId { get; init; }

    public required IReadOnlyList<string> Players { get; init; }

    /// <summary>Empty while the player waits.</summary>
    public required string ConnectHost { get; init; }

    /// <summary>0 while the player waits.</summary>
    public required int ConnectPort { get; init; }

    /// <summary>What lets the player in at the game server: see <see cref="MatchTicket"/>. Left out where there are no tickets.</summary>
    public string? Ticket { get; init; }

    public static JoinResponse Pending(string playerId) =>
        new() { SessionId = PendingId.For(playerId), Players = [playerId], ConnectHost = "", ConnectPort = 0 };
}
