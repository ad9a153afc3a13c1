namespace GameStack.Backend.Life;

/// <summary>
/// The steps of a match's life, each named after what has just happened. A backend may die at any of them: its earlier steps stand, and any
/// step still needed is done by another backend.
/// </summary>
public enum MatchStep
{
    /// <summary>A player is in the queue and has not been answered. If the join completed a match, that match is formed.</summary>
    Queued,

    /// <summary>This backend holds the lease of a match and has not asked for a server yet.</summary>
    Claimed,

    /// <summary>A server was taken off standby for the match and has not been notified yet.</summary>
    ServerFound,

    /// <summary>The server has accepted its match and answers; the queue does not know yet.</summary>
    ServerTold,

    /// <summary>The queue has recorded the match's server and notified every listener; this backend has done nothing since.</summary>
    Assigned,

    /// <summary>This backend has received a change of a match and has not yet notified the calls that wait for it.</summary>
    Published,

    /// <summary>Records were read from the outbox and are not in Postgres yet.</summary>
    RecordInOutbox,

    /// <summary>Records are committed in Postgres and are still in the outbox.</summary>
    RecordCommitted,

    /// <summary>A match is over, and only one side knows: the queue if a player ended it, or the server if it exited by itself.</summary>
    Ended,

    /// <summary>A server was released by its match, a match by its exited server, or a claim by this backend.</summary>
    Released,
}
