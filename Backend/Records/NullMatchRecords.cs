namespace GameStack.Backend.Records;

/// <summary>Stands in when no Postgres is configured: it finds no records and keeps none.</summary>
internal sealed class NullMatchRecords : IMatchRecords
{
    public bool AreKept => false;

    public Task UpsertAsync(IReadOnlyList<MatchRecord> records, CancellationToken cancellationToken) =>
        throw new DependencyUnavailableException("Postgres", "No Postgres is configured.");

    public Task<MatchRecord?> FindAsync(Guid sessionId, CancellationToken cancellationToken) => Task.FromResult<MatchRecord?>(null);

    public Task<MatchRecord?> FindLatestAsync(string playerId, CancellationToken cancellationToken) => Task.FromResult<MatchRecord?>(null);

    public Task<IReadOnlyList<MatchRecord>> ListActiveAsync(Guid? after, int max, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<MatchRecord>>([]);
}
