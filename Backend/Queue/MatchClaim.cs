namespace GameStack.Backend.Queue;

/// <summary>A formed match whose lease this backend holds, and for which it must find a server.</summary>
/// <param name="MatchId">The match's id; it stays the same when another backend takes over the claim.</param>
/// <param name="Players">
/// The players when the match was claimed. Some may leave before the assignment, which includes only those who remain.
/// </param>
/// <param name="JoinTraces">The W3C trace context of each player's join, empty where there was none.</param>
/// <param name="CreatedAt">When the match was formed.</param>
/// <param name="Try">The number of the try, starting at 1.</param>
public sealed record MatchClaim(
    Guid MatchId, IReadOnlyList<string> Players, IReadOnlyList<string> JoinTraces, DateTimeOffset CreatedAt, int Try)
{
    /// <summary>Whether the match was formed in this backend's memory. It stays there until it has a server.</summary>
    public bool IsInMemory { get; init; }
}
