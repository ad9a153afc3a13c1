namespace GameStack.Backend.Queue;

/// <summary>A player's status.</summary>
public enum PlayerPhase
{
    /// <summary>The player never joined, has left, or is forgotten.</summary>
    Unknown,

    /// <summary>The player is waiting, or is in a match that has no server yet.</summary>
    Pending,

    Matched,

    Ended,
}
