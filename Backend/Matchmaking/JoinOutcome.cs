namespace GameStack.Backend.Matchmaking;

/// <summary>What a join came to.</summary>
/// <param name="State">Where the player stands now.</param>
/// <param name="Formed">The match that this join completed; the caller holds its lease.</param>
public sealed record JoinOutcome(PlayerState State, MatchClaim? Formed);
