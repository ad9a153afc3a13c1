using System.Collections.Concurrent;
using System.Threading.Channels;

namespace GameStack.Backend.Queue;

/// <summary>Wakes this backend's loops. A signal is kept until a loop waits for it; repeated signals count as one.</summary>
public sealed class QueueSignals
{
    private static readonly BoundedChannelOptions One = new(1) { FullMode = BoundedChannelFullMode.DropWrite };

    private readonly Channel<bool> _queue = Channel.CreateBounded<bool>(One);
    private readonly Channel<bool> _outbox = Channel.CreateBounded<bool>(One);
    private readonly Channel<Guid> _ends = Channel.CreateUnbounded<Guid>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentQueue<Guid> _lateEnds = new();

    /// <summary>The queue may have a match to form or a claim to take over.</summary>
    public void WakeQueue() => _queue.Writer.TryWrite(true);

    /// <summary>The outbox may have entries.</summary>
    public void WakeOutbox() => _outbox.Writer.TryWrite(true);

    /// <summary>A backend, possibly another one, has ended this match.</summary>
    public void MatchEnded(Guid matchId)
    {
        _ends.Writer.TryWrite(matchId);
        _lateEnds.Enqueue(matchId);
    }

    /// <summary>Takes the matches reported to <see cref="MatchEnded"/> since the last call.</summary>
    public IReadOnlySet<Guid> TakeEnds()
    {
        HashSet<Guid> ends = [];
        while (_lateEnds.TryDequeue(out var matchId))
        {
            ends.Add(matchId);
        }

        return ends;
    }

    public Task WaitForQueueAsync(CancellationToken cancellationToken) => _queue.Reader.ReadAsync(cancellationToken).AsTask();

    public Task WaitForOutboxAsync(CancellationToken cancellationToken) => _outbox.Reader.ReadAsync(cancellationToken).AsTask();

    /// <summary>Every match reported to <see cref="MatchEnded"/>. Allows only one reader.</summary>
    public IAsyncEnumerable<Guid> WatchEndsAsync(CancellationToken cancellationToken) => _ends.Reader.ReadAllAsync(cancellationToken);
}
