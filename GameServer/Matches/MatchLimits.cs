namespace GameStack.GameServer.Matches;

/// <summary>What ends a match that nobody plays.</summary>
/// <param name="Empty">How long an open match may be without a client.</param>
/// <param name="Open">How long a match may be open without being requested, even with clients connected.</param>
internal sealed record MatchLimits(TimeSpan Empty, TimeSpan Open);
