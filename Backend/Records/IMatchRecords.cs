namespace GameStack.Backend.Records;

/// <summary>The matches in Postgres. While they cannot be reached, every call throws <see cref="DependencyUnavailableException"/>.</summary>
public interface IMatchRecords
{
    /// <summary>Writes all records in one statement. In whatever order and however often a match's records come, the row ends up the same: an end is never unset.</summary>
    Task UpsertAsync(IReadOnlyList<MatchRecord> records, CancellationToken cancellationToken);

    Task<MatchRecord?> FindAsync(Guid sessionId, CancellationToken cancellationToken);

    /// <summary>The player's newest match.</summary>
    Task<MatchRecord?> FindLatestAsync(string playerId, CancellationToken cancellationToken);

    /// <summary>Matches without an end, newest first.</summary>
    Task<IReadOnlyList<MatchRecord>> ListActiveAsync(int max, CancellationToken cancellationToken);
}
