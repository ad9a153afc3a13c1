using GameStack.Backend.Queue;
using GameStack.Tests.Backend.Matches;
using GameStack.Tests.Backend.Queue.Failover;
using GameStack.Tests.Support;
using StackExchange.Redis;

namespace GameStack.Tests.Backend.Queue.Redis;

public sealed class RedisChangeListenerTests(RedisFixture redis)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Queues_of_the_same_name_in_different_databases_do_not_hear_of_each_others_matches()
    {
        var options = TestRules.Of(size: 1, min: 1);
        await using var first = await RedisQueues.StartAsync(redis, options);
        var other = ConfigurationOptions.Parse((await redis.GetAsync()).ConnectionString);
        other.DefaultDatabase = 1;
        await using var second = await RedisQueues.StartAsync(other, options);
        var (ofFirst, ofSecond) = (Backend(first), Backend(second));
        using var hearsFirst = await ofFirst.ListenAsync();
        using var hearsSecond = await ofSecond.ListenAsync();

        await PlayAsync(second, ofSecond, "p2");
        await PlayAsync(first, ofFirst, "p1"); // Published later, so all that was published before has been heard of.

        Assert.NotNull(ofFirst.Ledger.FindMatched("p1"));
        Assert.NotNull(ofSecond.Ledger.FindMatched("p2"));
        Assert.Null(ofFirst.Ledger.FindMatched("p2"));

        FailoverBackend Backend(RedisQueues queues) => new(queues, options, new FakeFleet());
    }

    private static async Task PlayAsync(RedisQueues queues, FailoverBackend backend, string player)
    {
        using var told = backend.Memory.Waiters.Subscribe(player);
        var claim = await MatchQueueTests.FormAsync(queues.Queue, player);
        Assert.True(await queues.Queue.AssignAsync(claim, MatchQueueTests.Server(claim), Token));
        Assert.Equal(PlayerPhase.Matched, (await told.Changes.ReadAsync(Token)).Phase);
    }
}
