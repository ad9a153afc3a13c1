namespace GameStack.Backend.Queue;

/// <summary>A change that players wait for.</summary>
/// <param name="Players">The players whom the change concerns.</param>
/// <param name="State">Their state now.</param>
public sealed record MatchChange(IReadOnlyList<string> Players, PlayerState State);
