namespace GameStack.Backend.GameServers;

/// <summary>Hands out running, reachable game servers, one for each match.</summary>
public interface IGameServerFleet
{
    /// <summary>How many servers stand by right now; a match formed while there is one is assigned in milliseconds.</summary>
    int StandbyCount { get; }

    /// <summary>
    /// A server for <paramref name="matchId"/> that has answered on the very address it is given out with. Asked again with the same id,
    /// by this backend or another one, the answer is the same server as long as it lives. What a failed try leaves is for
    /// <see cref="EndAsync(Guid, CancellationToken)"/>, once it is certain that no other backend has assigned it.
    /// </summary>
    Task<GameServerAllocation> AllocateAsync(Guid matchId, IReadOnlyList<string> players, CancellationToken cancellationToken);

    /// <summary>Ends every server of <paramref name="matchId"/>, its clients told; nothing happens when there is none.</summary>
    Task EndAsync(Guid matchId, CancellationToken cancellationToken);

    /// <summary>Ends this very server, and no other of its match; nothing happens when it is gone.</summary>
    Task EndAsync(RunningGameServer server, CancellationToken cancellationToken);

    /// <summary>Every server of this fleet that has a session, whichever backend assigned it.</summary>
    Task<IReadOnlyList<RunningGameServer>> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The servers that are gone, each as soon as it is noticed, until cancelled. One reader at a time. A server may be gone before who asked
    /// for it has heard of it; and where servers are shared, it may be one that nobody was given.
    /// </summary>
    IAsyncEnumerable<RunningGameServer> WatchExitsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Hands out no more servers, and completes when all that end with this backend are gone: by themselves, or ended, their clients told, after
    /// <see cref="GameServersOptions.DrainSeconds"/> or when cancelled. Nothing to wait for where servers outlive the backend.
    /// </summary>
    Task DrainAsync(CancellationToken cancellationToken);

    /// <summary>Whether <see cref="ListAsync"/> of any backend shows a match's server (pods), or only that of the backend that assigned it (its child processes).</summary>
    bool IsShared { get; }
}
