using GameStack.Backend.GameServers;
using GameStack.Backend.Queue;
using GameStack.Backend.Queue.Failover;
using GameStack.Backend.Queue.Memory;
using GameStack.Backend.Queue.Redis;
using GameStack.Backend.Records;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.Queue.Failover;

/// <summary>The parts of one backend that use the queue in Redis, or else in the backend's memory.</summary>
internal sealed class FailoverBackend
{
    private readonly RedisQueues _queues;

    public FailoverBackend(
        RedisQueues queues, IOptions<MatchmakingOptions> options, IGameServerFleet fleet, TimeProvider? time = null,
        ILoggerFactory? logs = null, IMatchRecords? records = null)
    {
        _queues = queues;
        time ??= TimeProvider.System;
        logs ??= NullLoggerFactory.Instance;
        Redis = queues.Backend(new("backend", "backend-0"), time, logs: logs);
        Memory = new MemoryBackend(options, time, Redis.Rules);
        Ledger = new QueueLedger(Memory.Identity, time);
        Signs = new PlayerSigns(Redis.Rules, time);
        var handover = new MemoryHandover(Memory.State, Memory.Signals);
        var remembered = new RememberedMatches(Ledger, time);
        var lost = new LostMatches(
            Redis.Queue, Ledger, fleet, records ?? new NullMatchRecords(), time, logs.CreateLogger<LostMatches>());
        Return = new QueueReturn(
            Redis.State, Redis.Queue, Redis.Return, Redis.Heartbeat, handover, Ledger, lost, Signs, remembered,
            Memory.Signals, Memory.Waiters, time, logs.CreateLogger<QueueReturn>());
        var end = new FailoverEnd(Redis.State, Redis.Queue, Memory.Queue, Memory.Outbox, Ledger, Memory.Waiters);
        Queue = new FailoverMatchQueue(
            Redis.State, Redis.Queue, Memory.Queue, handover, Ledger, Return, remembered, end, Memory.Signals);
    }

    public RedisBackend Redis { get; }

    public MemoryBackend Memory { get; }

    public QueueLedger Ledger { get; }

    public PlayerSigns Signs { get; }

    public QueueReturn Return { get; }

    public FailoverMatchQueue Queue { get; }

    /// <summary>Hears of what is published from now on, until the result is disposed.</summary>
    public Task<RedisChangeListener> ListenAsync() => _queues.ListenAsync(Redis.State, Memory.Waiters, Ledger, Memory.Signals);
}
