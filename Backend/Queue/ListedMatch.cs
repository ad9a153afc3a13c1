using GameStack.Backend.GameServers;

namespace GameStack.Backend.Queue;

/// <summary>A live match as operators see it.</summary>
/// <param name="MatchId">The match.</param>
/// <param name="Server">The name of its game server.</param>
internal sealed record ListedMatch(Guid MatchId, string Server)
{
    public static ListedMatch Of(RunningGameServer server) => new(server.MatchId, server.Name);
}
