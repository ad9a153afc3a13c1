namespace GameStack.Backend.Records;

/// <summary>Records that the queue has written and Postgres has not. Entries may be read by several backends at once; writing one twice must do no harm.</summary>
public interface IMatchOutbox
{
    /// <summary>The oldest entries, at most <paramref name="max"/>; none is taken away.</summary>
    Task<IReadOnlyList<OutboxEntry>> ReadAsync(int max, CancellationToken cancellationToken);

    /// <summary>Takes entries away, after their records were committed.</summary>
    Task TrimAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken);

    /// <summary>Completes when there may be entries that were not there before.</summary>
    Task WaitForEntriesAsync(CancellationToken cancellationToken);
}
