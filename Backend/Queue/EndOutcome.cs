namespace GameStack.Backend.Queue;

/// <summary>The result of ending a match.</summary>
public enum EndOutcome
{
    Unknown,

    /// <summary>Redis was unavailable, and a backend may not have reported this match to it yet. Ask again.</summary>
    NotKnownYet,

    Ended,
    AlreadyEnded,

    /// <summary>The match has no server yet, so no player has been given its id.</summary>
    NotStarted,

    /// <summary>The match is live on a server other than the given one.</summary>
    OnOtherServer,
}
