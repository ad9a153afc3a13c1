using GameStack.Backend.GameServers;

namespace GameStack.Backend.Queue;

/// <summary>A match that was assigned and has not ended.</summary>
/// <param name="Server">Its server, as the players were told.</param>
/// <param name="Owner">The backend that assigned it.</param>
/// <param name="OwnerAlive">Whether that backend has lately said that it lives.</param>
/// <param name="Age">Time since the assignment.</param>
public sealed record LiveMatch(RunningGameServer Server, string Owner, bool OwnerAlive, TimeSpan Age);
