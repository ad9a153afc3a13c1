namespace GameStack.Tests.Support.Reliability;

/// <summary>Where Redis has a player at one moment.</summary>
/// <param name="Player">The player.</param>
/// <param name="State">waiting, claimed, matched, ended, or empty for a player whom nobody knows.</param>
/// <param name="Since">The time of joining.</param>
/// <param name="Score">The place in the queue; empty when not in it.</param>
/// <param name="Claims">In how many claimed matches.</param>
/// <param name="Live">In how many live matches.</param>
public sealed record PlayerPlace(string Player, string State, string Since, string Score, int Claims, int Live)
{
    /// <summary>What is wrong with it, or null. A player is in one place, and only one; who waits, waits since the join.</summary>
    /// <param name="since">The time of joining; empty when it is not known.</param>
    public string? Fault(string since) => this switch
    {
        { State: "waiting" } => Score == Since && IsSince(since) && Claims == 0 && Live == 0
            ? null
            : Describe("waits, and not as at the join", since),
        { State: "claimed" } => Score.Length == 0 && IsSince(since) && Claims == 1 && Live == 0
            ? null
            : Describe("is not in one claimed match", since),
        { State: "matched" } => Score.Length == 0 && Claims == 0 && Live == 1 ? null : Describe("is not in one live match", since),
        { State: "ended" } => Score.Length == 0 && Claims == 0 && Live == 0 ? null : Describe("is somewhere after the end", since),
        _ => Describe("is lost", since),
    };

    private bool IsSince(string since) => since.Length == 0 || Since == since;

    private string Describe(string what, string since) => $"{Player} {what}: joined {since}, and is {this}";
}
