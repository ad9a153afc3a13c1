namespace GameStack.Backend.Queue;

/// <summary>The result of leaving the queue.</summary>
/// <param name="LiveMatch">The live match that the player stays in; null when there is none and the player is no longer queued.</param>
/// <param name="Left">Whether the player was pending before.</param>
public sealed record LeaveOutcome(Guid? LiveMatch, bool Left);
