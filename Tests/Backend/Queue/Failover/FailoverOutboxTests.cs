using GameStack.Backend.Queue;
using GameStack.Backend.Queue.Failover;
using GameStack.Tests.Backend.Matches;
using GameStack.Tests.Support;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace GameStack.Tests.Backend.Queue.Failover;

public sealed class FailoverOutboxTests(RedisFixture redisFixture)
{
    private readonly IOptions<MatchmakingOptions> _options = TestRules.Of(size: 2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_outbox_of_a_full_Redis_can_be_emptied()
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await using var queues = await RedisQueues.StartAsync(ConfigurationOptions.Parse(redis.ConnectionString), _options, backends: 0);
        var (backend, outbox) = await StartAsync(queues);

        await redis.LimitMemoryAsync(1);
        await backend.Queue.RenewAsync([], Token); // The heartbeat notices.
        Assert.False(backend.Redis.State.IsServing);
        var entry = Assert.Single(await outbox.ReadAsync(10, Token));
        await outbox.TrimAsync([entry.Id], Token);

        Assert.Empty(await outbox.ReadAsync(10, Token));
    }

    [Fact]
    public async Task The_outbox_of_a_Redis_that_does_not_serve_for_another_reason_is_left_alone()
    {
        await using var queues = await RedisQueues.StartAsync(redisFixture, _options, backends: 0);
        var (backend, outbox) = await StartAsync(queues);

        backend.Redis.State.Failed("The connection was lost.");
        Assert.Empty(await outbox.ReadAsync(10, Token));
        await backend.Queue.ReturnAsync(Token);

        Assert.Single(await outbox.ReadAsync(10, Token));
    }

    /// <summary>A backend that serves, and an outbox with one record.</summary>
    private async Task<(FailoverBackend Backend, FailoverOutbox Outbox)> StartAsync(RedisQueues queues)
    {
        var backend = new FailoverBackend(queues, _options, new FakeFleet());
        await backend.Queue.AdvanceAsync(Token);
        Assert.True(backend.Redis.State.IsServing);
        await queues.AddToOutboxAsync(
            ("match", $"{Guid.NewGuid()}"), ("players", "[]"), ("backend", "b"), ("server", "s"), ("created", "0"), ("ended", ""));
        return (backend, new FailoverOutbox(backend.Redis.State, backend.Redis.Outbox, backend.Memory.Outbox, backend.Memory.Signals));
    }
}
