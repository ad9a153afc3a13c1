namespace GameStack.Backend.GameServers;

/// <summary>Hands out running, reachable game servers, one for each match.</summary>
internal interface IGameServerFleet
{
    /// <summary>How many servers are on standby right now. A match that forms while there is one is assigned in milliseconds.</summary>
    int StandbyCount { get; }

    /// <summary>
    /// One sentence about why no further match can get a server: none is on standby, and no more may start. Null while one may.
    /// </summary>
    string? WhyFull { get; }

    /// <summary>Whether all servers refuse this backend, and have since its start. Then it leaves matches to other backends.</summary>
    bool IsShutOut { get; }

    /// <summary>
    /// Returns a server for <paramref name="matchId"/> that has answered on the exact address it is given out with. Asked again with
    /// the same id, by this backend or another one, the fleet returns the same server for as long as that server lives. The caller
    /// removes what a failed try leaves behind with <see cref="ClearAsync"/>, once it is certain that no other backend has assigned the
    /// match.
    /// </summary>
    Task<Result<RunningGameServer>> AllocateAsync(Guid matchId, IReadOnlyList<string> players, CancellationToken cancellationToken);

    /// <summary>
    /// Says that another backend now answers for this match, or has ended it. Ends a server that only this backend can end, and leaves a
    /// server alone that the other backend sees too.
    /// </summary>
    Task ReleaseAsync(Guid matchId, CancellationToken cancellationToken);

    /// <summary>Ends the servers that failed tries have left behind, but none that the next try can use.</summary>
    Task ClearAsync(Guid matchId, CancellationToken cancellationToken);

    /// <summary>Ends every server of <paramref name="matchId"/> and notifies its clients; does nothing when there is none.</summary>
    Task EndAsync(Guid matchId, CancellationToken cancellationToken);

    /// <summary>Ends exactly this server, and no other of its match; does nothing when the server is gone.</summary>
    Task EndAsync(RunningGameServer server, CancellationToken cancellationToken);

    /// <summary>
    /// Ends exactly this server if it never got the session that it was taken for. Returns false if it has one, is gone or does not say.
    /// </summary>
    Task<bool> EndUnusedAsync(RunningGameServer server, CancellationToken cancellationToken);

    /// <summary>Every server with a session that this backend can see.</summary>
    Task<IReadOnlyList<RunningGameServer>> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Whether a server that is not in the list is gone. False as long as a backend that would notice it may see the server.
    /// </summary>
    ValueTask<bool> IsGoneAsync(RunningGameServer server, ServerOwner owner, CancellationToken cancellationToken);

    /// <summary>
    /// Whether the backend of this name may still run, as far as the fleet can find out. Only about the backends of listed servers
    /// (<see cref="RunningGameServer.Backend"/>).
    /// </summary>
    ValueTask<bool> MayRunAsync(string backend, CancellationToken cancellationToken);

    /// <summary>
    /// Reports each server that is gone as soon as that is noticed, until cancelled. Only one reader at a time. A server may be reported
    /// before the caller that asked for it has received it, and it may even be one that no caller received.
    /// </summary>
    IAsyncEnumerable<RunningGameServer> WatchExitsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Hands out no more servers, and waits until all servers that end with this backend are gone. They end by themselves, or are ended
    /// (and their clients notified) after <see cref="Processes.ProcessFleetOptions.DrainSeconds"/> or when cancelled. Returns those
    /// servers: none where servers outlive the backend.
    /// </summary>
    Task<IReadOnlyList<RunningGameServer>> DrainAsync(CancellationToken cancellationToken);
}
