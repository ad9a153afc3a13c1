using GameStack.Backend.GameServers;
using GameStack.Backend.Records;

namespace GameStack.Backend.Queue;

/// <summary>A match that this backend has assigned.</summary>
internal sealed record LedgerMatch(RunningGameServer Server, MatchRecord Record)
{
    /// <summary>Whether it is known that Redis has assigned the match. Otherwise its players may never have been told of it.</summary>
    public bool IsConfirmed { get; init; } = true;
}
