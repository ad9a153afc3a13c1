using GameStack.Backend.GameServers;
using GameStack.Backend.Matches;

namespace GameStack.Backend.Matchmaking;

/// <summary>A match that this backend has assigned.</summary>
internal sealed record LedgerMatch(RunningGameServer Server, MatchRecord Record);
