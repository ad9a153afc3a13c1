namespace GameStack.Backend.Queue;

/// <summary>Something that players wait to hear.</summary>
/// <param name="Players">Whom it concerns.</param>
/// <param name="State">Where they stand now.</param>
public sealed record MatchChange(IReadOnlyList<string> Players, PlayerState State);
