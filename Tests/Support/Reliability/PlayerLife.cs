namespace GameStack.Tests.Support.Reliability;

/// <summary>One player's way from a join to the end of a match, as the player saw it.</summary>
/// <param name="Player">The player, who may live again afterwards.</param>
/// <param name="Since">
/// The time of joining that the queue keeps, as it was right after the join was answered; empty while Redis did not have it.
/// </param>
public sealed record PlayerLife(string Player, string Since)
{
    /// <summary>What the player was told first; null when the match was over before the player heard of it.</summary>
    public Seat? Seat { get; init; }

    /// <summary>The match that the player was told is over; null as long as that was not said.</summary>
    public string? EndedSession { get; init; }

    /// <summary>When the game server could not be reached; null when it could.</summary>
    public DateTime? RefusedAt { get; init; }

    public bool IsOver => EndedSession is not null;
}
