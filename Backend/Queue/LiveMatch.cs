using GameStack.Backend.GameServers;

namespace GameStack.Backend.Queue;

/// <summary>A match that was assigned and has not ended.</summary>
/// <param name="Server">The match's server, as announced to the players.</param>
/// <param name="Owner">The backend that assigned it.</param>
/// <param name="OwnerAlive">Whether that backend has sent a recent heartbeat.</param>
/// <param name="Age">The time since the assignment.</param>
public sealed record LiveMatch(RunningGameServer Server, string Owner, bool OwnerAlive, TimeSpan Age);
