using GameStack.Backend.Records;

namespace GameStack.Backend.Queue.Memory;

/// <summary>The records that have no other way to Postgres than this backend's memory.</summary>
internal sealed class MemoryOutbox(QueueSignals signals, OutboxLosses losses) : IMatchOutbox
{
    /// <summary>Beyond this the oldest records are dropped: without Redis and Postgres, memory must not fill up.</summary>
    internal const int MostEntries = 100_000;

    private readonly Lock _lock = new();
    private readonly LinkedList<OutboxEntry> _entries = new();
    private long _lastId;

    public void Write(MatchRecord record)
    {
        var isFull = false;
        lock (_lock)
        {
            _entries.AddLast(new OutboxEntry($"{++_lastId}", record));
            if (_entries.Count > MostEntries)
            {
                _entries.RemoveFirst();
                isFull = true;
            }
        }

        losses.Add(isFull ? 1 : 0);
        signals.WakeOutbox();
    }

    public Task<IReadOnlyList<OutboxEntry>> ReadAsync(int max, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<OutboxEntry>>([.. _entries.Take(max)]);
        }
    }

    public Task TrimAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var gone = ids.ToHashSet(StringComparer.Ordinal);
            for (var node = _entries.First; node is not null && gone.Count > 0;)
            {
                var next = node.Next;
                if (gone.Remove(node.Value.Id))
                {
                    _entries.Remove(node);
                }

                node = next;
            }
        }

        return Task.CompletedTask;
    }

    public Task WaitForEntriesAsync(CancellationToken cancellationToken) => signals.WaitForOutboxAsync(cancellationToken);
}
