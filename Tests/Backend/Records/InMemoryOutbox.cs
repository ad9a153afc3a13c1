using GameStack.Backend.Records;

namespace GameStack.Tests.Backend.Records;

/// <summary>An outbox in memory that tells when it has been emptied.</summary>
internal sealed class InMemoryOutbox : IMatchOutbox
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, MatchRecord> _entries = [];
    private TaskCompletionSource _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _emptied = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _next;

    public void Add(params IReadOnlyList<MatchRecord> records)
    {
        lock (_lock)
        {
            foreach (var record in records)
            {
                _entries.Add(_next++, record);
            }

            if (_emptied.Task.IsCompleted)
            {
                _emptied = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            _filled.TrySetResult();
        }
    }

    public Task<IReadOnlyList<OutboxEntry>> ReadAsync(int max, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<OutboxEntry>>(
                [.. _entries.Take(max).Select(entry => new OutboxEntry(entry.Key.ToString(), entry.Value))]);
        }
    }

    public Task TrimAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var id in ids)
            {
                _entries.Remove(long.Parse(id));
            }

            if (_entries.Count == 0)
            {
                _emptied.TrySetResult();
            }
        }

        return Task.CompletedTask;
    }

    public Task WaitForEntriesAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // Edge-triggered, the harder of the two kinds: what is there already completes nothing.
            _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _filled.Task.WaitAsync(cancellationToken);
        }
    }

    public async Task WaitUntilEmptyAsync(TimeSpan patience)
    {
        Task emptied;
        lock (_lock)
        {
            emptied = _entries.Count == 0 ? Task.CompletedTask : _emptied.Task;
        }

        try
        {
            await emptied.WaitAsync(patience, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            lock (_lock)
            {
                Assert.Fail($"The outbox should be empty after {patience} and holds {_entries.Count} entries.");
            }
        }
    }
}
