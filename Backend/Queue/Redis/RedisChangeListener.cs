using GameStack.Backend.Background;
using GameStack.Backend.Life;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace GameStack.Backend.Queue.Redis;

/// <summary>Receives what any backend's scripts publish and notifies the calls that wait for it on this backend.</summary>
internal sealed class RedisChangeListener(
    IConnectionMultiplexer redis, RedisState state, IOptions<MatchmakingOptions> options, PlayerWaiters waiters, QueueLedger ledger,
    QueueSignals signals, MatchLife life, TimeProvider time, ILogger<RedisChangeListener> logger)
    : RepeatingService("subscribe to Redis", time, logger)
{
    /// <summary>How long the connection for subscriptions may take to open.</summary>
    private static readonly TimeSpan Opening = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _subscribed;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        redis.ConnectionRestored += (_, e) =>
        {
            if (e.ConnectionType == ConnectionType.Subscription)
            {
                _opened.TrySetResult();
                if (_subscribed)
                {
                    state.Failed("The subscription was interrupted."); // What was published before it came back is missed.
                }
            }

            Wake();
        };
        redis.ConnectionFailed += (_, e) =>
        {
            var which = e.ConnectionType == ConnectionType.Subscription ? "subscription's " : "";
            state.Failed($"The {which}connection was lost ({e.FailureType}).");
            Wake();
        };
        return base.StartAsync(cancellationToken);
    }

    /// <summary>The multiplexer keeps the subscription across reconnects, so a round lasts as long as the backend.</summary>
    protected override async Task RunRoundAsync(CancellationToken stoppingToken)
    {
        var changes = await RedisCall.RunAsync(() => SubscribeAsync(stoppingToken), stoppingToken);
        _subscribed = true;
        Succeeded();
        await foreach (var change in changes.WithCancellation(stoppingToken))
        {
            Hear(change.Message!);
        }
    }

    private async Task<ChannelMessageQueue> SubscribeAsync(CancellationToken stoppingToken)
    {
        var (subscriber, channel) = (redis.GetSubscriber(), RedisScriptRunner.ChangesOf(redis, options.Value.Queue));
        try
        {
            return await SubscribeAsync(subscriber, channel);
        }
        catch (RedisConnectionException) when (!_opened.Task.IsCompleted && redis.GetDatabase().IsConnected(channel.ToString()))
        {
            // The first call only has the client open its second connection.
            await Task.WhenAny(_opened.Task, Task.Delay(Opening, Time, stoppingToken));
            return await SubscribeAsync(subscriber, channel);
        }
    }

    private static async Task<ChannelMessageQueue> SubscribeAsync(ISubscriber subscriber, RedisChannel channel)
    {
        // The client keeps a failed subscription, which would fill an unread queue as soon as Redis is available.
        await subscriber.UnsubscribeAsync(channel, flags: CommandFlags.FireAndForget);
        return await subscriber.SubscribeAsync(channel);
    }

    private void Hear(string json)
    {
        var message = MatchChangeMessage.Parse(json);
        if (message?.ToChange() is not { } change)
        {
            signals.WakeQueue();
            return;
        }

        life.Announce(new MatchStep.ChangeReceived());
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

    /// <summary>Wakes the loops, which go on without Redis, or bring it up to date.</summary>
    private void Wake()
    {
        signals.WakeQueue();
        signals.WakeOutbox();
    }
}
