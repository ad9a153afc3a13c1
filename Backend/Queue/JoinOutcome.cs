namespace GameStack.Backend.Queue;

/// <summary>The result of a join.</summary>
/// <param name="State">The player's state now.</param>
/// <param name="Formed">The match that this join completed, if any; the caller holds its lease.</param>
/// <param name="RetryAfter">
/// Set when the player was refused because matches get no servers at present: how long to wait before trying again. Players already waiting
/// are never refused.
/// </param>
public sealed record JoinOutcome(PlayerState State, MatchClaim? Formed, TimeSpan? RetryAfter = null);
