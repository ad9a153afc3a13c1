using GameStack.Backend.Queue.Memory;
using GameStack.Backend.Queue.Redis;
using GameStack.Backend.Records;

namespace GameStack.Backend.Queue.Failover;

/// <summary>
/// The outbox of this backend's memory, then that of Redis, also while Redis is full: that makes room there. Has one reader, which trims
/// what it has read before it reads on.
/// </summary>
internal sealed class FailoverOutbox(RedisState state, RedisOutbox redis, MemoryOutbox memory, QueueSignals signals) : IMatchOutbox
{
    private IMatchOutbox _lastRead = memory;

    public async Task<IReadOnlyList<OutboxEntry>> ReadAsync(int max, CancellationToken cancellationToken)
    {
        _lastRead = memory;
        var own = await memory.ReadAsync(max, cancellationToken);
        if (own.Count > 0 || !(state.IsServing || state.IsFull))
        {
            return own;
        }

        _lastRead = redis;
        return await redis.ReadAsync(max, cancellationToken);
    }

    public Task TrimAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken) => _lastRead.TrimAsync(ids, cancellationToken);

    public Task WaitForEntriesAsync(CancellationToken cancellationToken) => signals.WaitForOutboxAsync(cancellationToken);
}
