namespace GameStack.Backend.Queue;

/// <summary>What the end of a match came to.</summary>
public enum EndOutcome
{
    Unknown,

    /// <summary>Redis was away, and a backend may not have told it of this match yet: to be asked again.</summary>
    NotKnownYet,

    Ended,
    AlreadyEnded,

    /// <summary>The match has no server yet, so nobody can have been told its id.</summary>
    NotStarted,

    /// <summary>It is live, on another server than the one that was named.</summary>
    OnOtherServer,
}
