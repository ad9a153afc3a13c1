namespace GameStack.Backend.GameServers;

/// <summary>A running game server and the match it plays.</summary>
/// <param name="MatchId">The match.</param>
/// <param name="Name">The pod's name, or the process's: <c>game-server-1a2b3c4d</c>.</param>
/// <param name="Host">The address a player connects to.</param>
/// <param name="Port">The port a player connects to.</param>
public sealed record RunningGameServer(Guid MatchId, string Name, string Host, int Port);
