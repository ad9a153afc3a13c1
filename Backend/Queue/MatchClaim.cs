namespace GameStack.Backend.Queue;

/// <summary>A formed match that this backend holds the lease of, and must find a server for.</summary>
/// <param name="MatchId">The match; it stays the same whoever takes the claim over.</param>
/// <param name="Players">Who was in it when it was claimed; the assignment takes those who are in it then.</param>
/// <param name="JoinTraces">The W3C trace context of each player's join, empty where there was none.</param>
/// <param name="CreatedAt">When it was formed.</param>
/// <param name="Try">1 for the first.</param>
public sealed record MatchClaim(Guid MatchId, IReadOnlyList<string> Players, IReadOnlyList<string> JoinTraces, DateTimeOffset CreatedAt, int Try);
