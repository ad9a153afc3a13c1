namespace GameStack.Backend.Records;

/// <summary>
/// The matches of this backend's queue in Postgres, which several queues may share. While Postgres is unavailable, every call throws
/// <see cref="DependencyUnavailableException"/>.
/// </summary>
internal interface IMatchRecords
{
    /// <summary>Whether there is a Postgres to keep them.</summary>
    bool AreKept { get; }

    /// <summary>
    /// Writes all records in one statement. The resulting row depends neither on the order in which a match's records arrive nor on how
    /// often they do: an end is never unset.
    /// </summary>
    Task UpsertAsync(IReadOnlyList<MatchRecord> records, CancellationToken cancellationToken);

    Task<MatchRecord?> FindAsync(Guid sessionId, CancellationToken cancellationToken);

    /// <summary>The player's newest match.</summary>
    Task<MatchRecord?> FindLatestAsync(string playerId, CancellationToken cancellationToken);

    /// <summary>Matches without an end, newest first: those after this match, or else the first ones.</summary>
    Task<IReadOnlyList<MatchRecord>> ListActiveAsync(Guid? after, int max, CancellationToken cancellationToken);
}
