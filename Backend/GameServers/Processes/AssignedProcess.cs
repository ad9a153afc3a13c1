namespace GameStack.Backend.GameServers.Processes;

/// <summary>A process that has a match and answers its players.</summary>
/// <param name="Server">The server as its players know it.</param>
/// <param name="Process">The process.</param>
/// <param name="Control">The process's control port.</param>
/// <param name="Record">What probes have found since the match was assigned.</param>
internal sealed record AssignedProcess(RunningGameServer Server, GameServerProcess Process, ControlPortClient Control, ServerRecord Record);
