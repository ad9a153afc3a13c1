using GameStack.Backend.GameServers;
using GameStack.Backend.Records;

namespace GameStack.Backend.Queue;

/// <summary>A match that this backend has assigned.</summary>
internal sealed record LedgerMatch(RunningGameServer Server, MatchRecord Record);
