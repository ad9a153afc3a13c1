namespace GameStack.Backend.Queue;

/// <summary>What a join came to.</summary>
/// <param name="State">Where the player stands now.</param>
/// <param name="Formed">The match that this join completed; the caller holds its lease.</param>
/// <param name="RetryAfter">
/// Set when the player was not queued, since no match can be given a server at present: when to try again. Who waits already is never refused.
/// </param>
public sealed record JoinOutcome(PlayerState State, MatchClaim? Formed, TimeSpan? RetryAfter = null);
