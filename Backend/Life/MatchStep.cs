namespace GameStack.Backend.Life;

/// <summary>
/// A step of a match's life, named after what has just happened. A backend may die at any of them: its earlier steps stand, and any step
/// still needed is done by another backend.
/// </summary>
internal abstract record MatchStep
{
    private MatchStep()
    {
    }

    /// <summary>A player is in the queue and has not been answered. If the join completed a match, that match is formed.</summary>
    public sealed record Queued(string PlayerId) : MatchStep;

    /// <summary>A join is about to be answered.</summary>
    public sealed record JoinAnswered(string PlayerId, bool Matched) : MatchStep;

    /// <summary>A join was refused, because matches get no servers at present.</summary>
    public sealed record JoinRefused(string PlayerId) : MatchStep;

    /// <summary>This backend holds the lease of a match and has not asked for a server yet.</summary>
    public sealed record Claimed(Guid MatchId) : MatchStep;

    /// <summary>A server was taken off standby for the match and has not been told yet.</summary>
    public sealed record ServerFound(Guid MatchId) : MatchStep;

    /// <summary>The server has accepted its match and answers; the queue does not know yet.</summary>
    public sealed record ServerTold(Guid MatchId) : MatchStep;

    /// <summary>A try to get a server has failed.</summary>
    public sealed record TryFailed(Guid MatchId, int Try, string Reason) : MatchStep;

    /// <summary>The queue has recorded the match's server and notified every listener; this backend has done nothing since.</summary>
    /// <param name="MatchId">The match.</param>
    /// <param name="Players">The number of players.</param>
    /// <param name="Server">The server's name.</param>
    /// <param name="Host">The host that players connect to.</param>
    /// <param name="Port">The port that players connect to.</param>
    /// <param name="SinceFormed">The time since the match was formed.</param>
    public sealed record Assigned(Guid MatchId, int Players, string Server, string Host, int Port, TimeSpan SinceFormed) : MatchStep;

    /// <summary>The match got no server; its players are at the head of the queue again.</summary>
    public sealed record GivenBack(Guid MatchId, int Players) : MatchStep;

    /// <summary>Another backend has taken over the match.</summary>
    public sealed record ClaimLost(Guid MatchId) : MatchStep;

    /// <summary>This backend stops; another one finds the match's server.</summary>
    public sealed record HandedOver(Guid MatchId) : MatchStep;

    /// <summary>This backend has received a change and has not yet notified the calls that wait for it.</summary>
    public sealed record ChangeReceived : MatchStep;

    /// <summary>Records were read from the outbox and are not in Postgres yet.</summary>
    public sealed record RecordsRead(int Count) : MatchStep;

    /// <summary>Records are committed in Postgres and are still in the outbox.</summary>
    public sealed record RecordsCommitted(int Count) : MatchStep;

    /// <summary>The match's server has exited by itself; the queue does not know yet.</summary>
    public sealed record ServerExited(Guid MatchId) : MatchStep;

    /// <summary>The queue has recorded the end of the match and notified every listener.</summary>
    public sealed record Ended(Guid MatchId, MatchEnd By) : MatchStep;

    /// <summary>The server of a match that a player ended has been told to end.</summary>
    public sealed record ServerReleased(Guid MatchId) : MatchStep;
}
