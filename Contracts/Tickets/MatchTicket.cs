namespace GameStack.Contracts.Tickets;

/// <summary>What lets a matched player in: a JWT (JWS compact, ES256), valid for a minute and good for one connection.</summary>
/// <param name="Player">The player's id.</param>
/// <param name="MatchId">The match.</param>
/// <param name="Server">The name of the match's game server.</param>
/// <param name="Address">The server's game port: <c>10.0.0.7:8080</c>, with an IPv6 host in brackets.</param>
/// <param name="Seat">The player's position in the match's list of players, starting at 0.</param>
/// <param name="IssuedAt">When a backend handed the ticket out.</param>
/// <param name="ExpiresAt">When the ticket expires, not counting the allowed clock skew.</param>
/// <param name="Id">The ticket's unique id.</param>
public sealed record MatchTicket(
    string Player, Guid MatchId, string Server, string Address, int Seat, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, string Id);
