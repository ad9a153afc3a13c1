namespace GameStack.Backend.Queue;

/// <summary>Where a player stands.</summary>
public enum PlayerPhase
{
    /// <summary>Never joined, left, or forgotten.</summary>
    Unknown,

    /// <summary>Waiting, or in a match that has no server yet.</summary>
    Pending,

    Matched,

    Ended,
}
