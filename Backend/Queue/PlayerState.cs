namespace GameStack.Backend.Queue;

/// <summary>Where a player stands, and in which match.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="MatchId">The match, when matched or ended.</param>
/// <param name="Host">Where to connect, when matched.</param>
/// <param name="Port">Where to connect, when matched.</param>
/// <param name="Players">Everybody in the match, when matched.</param>
public sealed record PlayerState(PlayerPhase Phase, Guid MatchId, string Host, int Port, IReadOnlyList<string> Players)
{
    public static PlayerState Unknown { get; } = new(PlayerPhase.Unknown, Guid.Empty, "", 0, []);

    public static PlayerState Pending { get; } = new(PlayerPhase.Pending, Guid.Empty, "", 0, []);

    public static PlayerState Ended(Guid matchId) => new(PlayerPhase.Ended, matchId, "", 0, []);
}
