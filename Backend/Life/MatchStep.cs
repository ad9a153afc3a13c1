namespace GameStack.Backend.Life;

/// <summary>
/// The steps of a match's life, each named after what has just happened. At each of them a backend may die: what was done before
/// stands, what would come next is another backend's, or nobody's, to do.
/// </summary>
public enum MatchStep
{
    /// <summary>A player is in the queue (and the match that this completed is formed), and has not been answered.</summary>
    Queued,

    /// <summary>This backend holds the lease of a match, and has not asked for a server.</summary>
    Claimed,

    /// <summary>A server was taken off standby for the match, and has not been told.</summary>
    ServerFound,

    /// <summary>The server has accepted its session and answers, and the queue does not know.</summary>
    ServerTold,

    /// <summary>The queue knows where the match is played and has told everybody who listens, and nothing was done here since.</summary>
    Assigned,

    /// <summary>A change of a match was heard of here, and those who wait for it here have not been told.</summary>
    Published,

    /// <summary>Records were read from the outbox, and are not in Postgres.</summary>
    RecordInOutbox,

    /// <summary>Records are committed in Postgres, and still in the outbox.</summary>
    RecordCommitted,

    /// <summary>A match is over, and only one side knows: the queue, when a player ended it; its exited server, when it ended by itself.</summary>
    Ended,

    /// <summary>Something was let go of: a server by its match, a match by its exited server, or a claim by this backend.</summary>
    Released,
}
