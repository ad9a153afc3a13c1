namespace GameStack.Backend.GameServers;

/// <summary>Hands out running, reachable game servers, one for each match.</summary>
public interface IGameServerFleet
{
    /// <summary>How many servers are on standby right now. A match that forms while there is one is assigned in milliseconds.</summary>
    int StandbyCount { get; }

    /// <summary>
    /// Returns a server for <paramref name="matchId"/> that has answered on the exact address it is given out with. Asked again with
    /// the same id, by this backend or another one, the fleet returns the same server for as long as that server lives. The caller
    /// removes what a failed try leaves behind with <see cref="EndAsync(Guid, CancellationToken)"/>, once it is certain that no other
    /// backend has assigned the match.
    /// </summary>
    Task<GameServerAllocation> AllocateAsync(Guid matchId, IReadOnlyList<string> players, CancellationToken cancellationToken);

    /// <summary>Ends every server of <paramref name="matchId"/> and has its clients told; does nothing when there is none.</summary>
    Task EndAsync(Guid matchId, CancellationToken cancellationToken);

    /// <summary>Ends exactly this server, and no other of its match; does nothing when the server is gone.</summary>
    Task EndAsync(RunningGameServer server, CancellationToken cancellationToken);

    /// <summary>Every server of this fleet that has a session, whichever backend assigned it.</summary>
    Task<IReadOnlyList<RunningGameServer>> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Reports each server that is gone as soon as that is noticed, until cancelled. Only one reader at a time. A server may be reported
    /// before the caller that asked for it has received it. Where servers are shared, it may even be one that no caller received.
    /// </summary>
    IAsyncEnumerable<RunningGameServer> WatchExitsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Hands out no more servers, and completes when all servers that end with this backend are gone. They end by themselves, or are
    /// ended (and their clients told) after <see cref="GameServersOptions.DrainSeconds"/> or when cancelled. Where servers outlive the
    /// backend, there is nothing to wait for.
    /// </summary>
    Task DrainAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Whether <see cref="ListAsync"/> shows a match's server on every backend (pods), or only on the backend that
    /// assigned it (its child processes).
    /// </summary>
    bool IsShared { get; }
}
