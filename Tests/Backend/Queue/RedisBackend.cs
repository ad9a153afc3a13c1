using GameStack.Backend;
using GameStack.Backend.Queue;
using GameStack.Backend.Queue.Redis;
using GameStack.Backend.Records;
using GameStack.Tests.Backend.Matches;
using GameStack.Tests.Backend.Records;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace GameStack.Tests.Backend.Queue;

/// <summary>The parts of one backend that use the queue in Redis.</summary>
internal sealed class RedisBackend
{
    public RedisBackend(
        IConnectionMultiplexer connection, IOptions<MatchmakingOptions> options, BackendIdentity identity, TimeProvider? time = null,
        OutboxLosses? losses = null, ILoggerFactory? logs = null, IMatchRecords? records = null)
    {
        records ??= new InMemoryMatchRecords();
        time ??= TimeProvider.System;
        logs ??= NullLoggerFactory.Instance;
        State = new RedisState(
            time, new RedisAccess("REDIS_PASSWORD", time, logs.CreateLogger<RedisAccess>()), logs.CreateLogger<RedisState>());
        Rules = new CurrentRules(options, NullLogger<CurrentRules>.Instance);
        var scripts = new RedisScriptRunner(connection, State, new RedisReconnect(TimeProvider.System), identity, options, time);
        Clock = scripts.Clock;

        // Rules of a test may have leases of no length, but a backend lives on.
        var beats = Options.Create(new MatchmakingOptions { LeaseSeconds = Math.Max(options.Value.LeaseSeconds, 60) });
        Heartbeat = new RedisHeartbeat(scripts, State, Rules, records, beats, time);
        Queue = new RedisMatchQueue(scripts, Heartbeat, options, identity, time);
        Outbox = new RedisOutbox(scripts, records, options, new QueueSignals(), losses ?? TestLosses.Ignored());
        Return = new RedisReturn(scripts, Heartbeat, new RedisRights(scripts, State, time), time);
    }

    public RedisState State { get; }

    public RedisClock Clock { get; }

    public CurrentRules Rules { get; }

    public RedisHeartbeat Heartbeat { get; }

    public RedisMatchQueue Queue { get; }

    public RedisOutbox Outbox { get; }

    public RedisReturn Return { get; }

    /// <summary>Begins to use a Redis that is available from the start on.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Return.ReopenAsync(lost: false, brief: true, cancellationToken);
        await Heartbeat.SendAsync([], cancellationToken);
    }
}
