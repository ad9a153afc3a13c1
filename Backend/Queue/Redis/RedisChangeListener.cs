using GameStack.Backend.Life;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace GameStack.Backend.Queue.Redis;

/// <summary>Receives what any backend's scripts publish and notifies the calls that wait for it on this backend.</summary>
internal sealed partial class RedisChangeListener(
    IConnectionMultiplexer redis, IOptions<MatchmakingOptions> options, PlayerWaiters waiters, QueueLedger ledger, QueueSignals signals,
    MatchLife life, ILogger<RedisChangeListener> logger) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        redis.ConnectionRestored += (_, e) => WakeAfter(e, back: true);
        redis.ConnectionFailed += (_, e) => WakeAfter(e, back: false);
        var channel = RedisMatchQueue.ChangesOf(options.Value.Queue);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var changes = await RedisCall.RunAsync(() => SubscribeAsync(channel), stoppingToken);
                changes.OnMessage(change => HearAsync(change.Message!, stoppingToken)); // One by one, in the order of publication.
                return; // The multiplexer keeps the subscription across reconnects.
            }
            catch (DependencyUnavailableException e)
            {
                Log.NotSubscribed(logger, e.Message);
                await Task.Delay(RetryDelay, stoppingToken);
            }
        }
    }

    private async Task<ChannelMessageQueue> SubscribeAsync(RedisChannel channel)
    {
        // The client keeps a failed subscription, which would fill an unread queue as soon as Redis is available.
        await redis.GetSubscriber().UnsubscribeAsync(channel, flags: CommandFlags.FireAndForget);
        return await redis.GetSubscriber().SubscribeAsync(channel);
    }

    private async Task HearAsync(string json, CancellationToken stoppingToken)
    {
        var message = MatchChangeMessage.Parse(json);
        if (message?.ToChange() is { } change)
        {
            await life.ReachAsync(MatchStep.Published, stoppingToken);
            ledger.Hear(change);
            waiters.Publish(change);
            if (change.State.Phase is not PlayerPhase.Unknown)
            {
                signals.WakeOutbox();
            }

            if (change.State.Phase is PlayerPhase.Ended)
            {
                signals.MatchEnded(change.State.MatchId);
            }
        }
        else
        {
            signals.WakeQueue();
        }
    }

    /// <summary>Wakes the loops: they catch up on messages missed in between, or go on in memory without Redis.</summary>
    private void WakeAfter(ConnectionFailedEventArgs e, bool back)
    {
        if (back)
        {
            Log.Restored(logger, e.ConnectionType);
        }
        else
        {
            Log.Lost(logger, e.ConnectionType, e.FailureType);
        }

        signals.WakeQueue();
        signals.WakeOutbox();
    }

    private static partial class Log
    {
        [LoggerMessage(120, LogLevel.Warning, "Redis cannot be subscribed to yet: {Reason}")]
        public static partial void NotSubscribed(ILogger logger, string reason);

        [LoggerMessage(121, LogLevel.Information, "Redis is back ({Connection} connection)")]
        public static partial void Restored(ILogger logger, ConnectionType connection);

        [LoggerMessage(122, LogLevel.Warning, "Redis is unavailable ({Connection} connection: {Failure}); matching goes on in this backend's memory")]
        public static partial void Lost(ILogger logger, ConnectionType connection, ConnectionFailureType failure);
    }
}
