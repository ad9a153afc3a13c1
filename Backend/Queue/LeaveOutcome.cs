namespace GameStack.Backend.Queue;

/// <summary>What a leave came to.</summary>
/// <param name="LiveMatch">The live match that the player is in and stays in; null when the player is in no queue now.</param>
/// <param name="Left">Whether the player had been waiting.</param>
public sealed record LeaveOutcome(Guid? LiveMatch, bool Left);
