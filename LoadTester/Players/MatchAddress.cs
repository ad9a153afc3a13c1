using GameStack.Contracts.Api;

namespace GameStack.LoadTester.Players;

/// <summary>The match that a player was told about, and where it is played.</summary>
/// <param name="SessionId">The match's id.</param>
/// <param name="Host">The game server's host, as the player was told.</param>
/// <param name="Port">The game server's port, as the player was told.</param>
/// <param name="Players">
/// The players of the match; null if the player learned about the match from a status, which does not list them.
/// </param>
/// <param name="Ticket">What lets the player in; null where there are no tickets.</param>
internal sealed record MatchAddress(string SessionId, string Host, int Port, IReadOnlyList<string>? Players, string? Ticket = null)
{
    public static PhaseResult<MatchAddress> From(JoinResponse joined) =>
        From(joined.SessionId, joined.ConnectHost, joined.ConnectPort, joined.Players, joined.Ticket);

    public static PhaseResult<MatchAddress> From(StatusResponse status) =>
        From(status.SessionId, status.ConnectHost, status.ConnectPort, players: null, status.Ticket);

    private static PhaseResult<MatchAddress> From(
        string? sessionId, string? host, int? port, IReadOnlyList<string>? players, string? ticket) =>
        string.IsNullOrEmpty(sessionId) || string.IsNullOrEmpty(host) || port is not (> 0 and <= ushort.MaxValue)
            ? PhaseResult<MatchAddress>.Failed("matched without an address")
            : PhaseResult<MatchAddress>.Of(new MatchAddress(sessionId, host, port.Value, players, ticket));
}
