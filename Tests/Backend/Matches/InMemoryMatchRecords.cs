using System.Collections.Concurrent;
using GameStack.Backend.Records;

namespace GameStack.Tests.Backend.Matches;

/// <summary>Records that are kept in memory, in place of Postgres.</summary>
internal sealed class InMemoryMatchRecords : IMatchRecords
{
    private readonly ConcurrentDictionary<Guid, MatchRecord> _records = [];
    private readonly ConcurrentQueue<Guid> _asked = [];

    public bool AreKept => true;

    /// <summary>What happens before a match is looked up.</summary>
    public Func<Task> Finding { get; init; } = () => Task.CompletedTask;

    /// <summary>The matches that were looked up.</summary>
    public IReadOnlyCollection<Guid> Asked => _asked;

    public Task UpsertAsync(IReadOnlyList<MatchRecord> records, CancellationToken cancellationToken)
    {
        foreach (var record in records)
        {
            _records[record.SessionId] = record;
        }

        return Task.CompletedTask;
    }

    public async Task<MatchRecord?> FindAsync(Guid sessionId, CancellationToken cancellationToken)
    {
        await Finding();
        _asked.Enqueue(sessionId);
        return _records.GetValueOrDefault(sessionId);
    }

    public Task<MatchRecord?> FindLatestAsync(string playerId, CancellationToken cancellationToken) =>
        Task.FromResult(_records.Values.Where(record => record.Players.Contains(playerId)).MaxBy(record => record.CreatedAt));

    public Task<IReadOnlyList<MatchRecord>> ListActiveAsync(Guid? after, int max, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
