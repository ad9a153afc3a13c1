using GameStack.Backend.Tickets;

namespace GameStack.Backend.Queue;

/// <summary>A player's status and match.</summary>
/// <param name="Phase">The status.</param>
/// <param name="MatchId">The match, when matched or ended.</param>
/// <param name="Host">The host to connect to, when matched.</param>
/// <param name="Port">The port to connect to, when matched.</param>
/// <param name="Players">All players in the match, when matched.</param>
public sealed record PlayerState(PlayerPhase Phase, Guid MatchId, string Host, int Port, IReadOnlyList<string> Players)
{
    /// <summary>What the player's ticket says, when matched; null when the match takes no tickets.</summary>
    public MatchAdmission? Admission { get; init; }

    public static PlayerState Unknown { get; } = new(PlayerPhase.Unknown, Guid.Empty, "", 0, []);

    public static PlayerState Pending { get; } = new(PlayerPhase.Pending, Guid.Empty, "", 0, []);

    public static PlayerState Ended(Guid matchId) => new(PlayerPhase.Ended, matchId, "", 0, []);
}
