namespace GameStack.Backend.Records;

/// <summary>
/// Records that the queue has written and Postgres does not have yet. Several backends may read the same entries at once, so writing
/// an entry twice must do no harm.
/// </summary>
public interface IMatchOutbox
{
    /// <summary>The oldest entries, at most <paramref name="max"/>; reading does not remove them.</summary>
    Task<IReadOnlyList<OutboxEntry>> ReadAsync(int max, CancellationToken cancellationToken);

    /// <summary>Removes entries after their records have been committed.</summary>
    Task TrimAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken);

    /// <summary>Completes when there may be new entries.</summary>
    Task WaitForEntriesAsync(CancellationToken cancellationToken);
}
