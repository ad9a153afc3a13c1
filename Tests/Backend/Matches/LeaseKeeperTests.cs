using GameStack.Backend.Matches;
using GameStack.Backend.Queue;
using GameStack.Tests.Backend.Background;
using GameStack.Tests.Backend.Queue;
using GameStack.Tests.Support;

namespace GameStack.Tests.Backend.Matches;

public sealed class LeaseKeeperTests(RedisFixture redis) : IDisposable
{
    private readonly CancellationTokenSource _within = Waits.Within(Waits.Patient);

    private CancellationToken Token => _within.Token;

    public void Dispose() => _within.Dispose();

    [Fact]
    public async Task The_leases_of_the_claims_under_work_are_renewed_and_no_others()
    {
        var (options, time) = (TestRules.Of(size: 2), new ObservedTime());
        await using var queues = await RedisQueues.StartAsync(redis, options, backends: 2);
        var fleet = new FakeFleet { Looking = token => Task.Delay(Timeout.Infinite, token) };
        await using var matches = new MatchBackend(queues.Queue, fleet, new QueueSignals(), options, time);
        var dropped = await MatchQueueTests.FormAsync(queues.Queue, "p1", "p2");
        var held = await MatchQueueTests.FormAsync(queues.Queue, "p3", "p4");
        matches.Assigner.Begin(held);
        await queues.ExpireLeaseAsync(dropped.MatchId);
        await queues.ExpireLeaseAsync(held.MatchId);

        using var keeper = new LeaseKeeper(queues.Queue, matches.Assigner, time, options, matches.Logger<LeaseKeeper>());
        await keeper.StartAsync(Token);
        await time.NextWaitAsync(Token);
        await keeper.StopAsync(Token);

        Assert.Equal([dropped.MatchId], (await queues.Backends[1].AdvanceAsync(Token)).Claims.Select(claim => claim.MatchId));
    }

    [Fact]
    public async Task It_renews_three_times_in_a_lease()
    {
        var (options, time) = (TestRules.Of(size: 2, lease: 1.5), new ObservedTime());
        var memory = new MemoryBackend(options, time);
        await using var matches = new MatchBackend(memory, new FakeFleet(), options, time);
        using var keeper = new LeaseKeeper(memory.Queue, matches.Assigner, time, options, matches.Logger<LeaseKeeper>());

        await keeper.StartAsync(Token);

        Assert.Equal(TimeSpan.FromSeconds(0.5), await time.PassNextWaitAsync(Token));
        Assert.Equal(TimeSpan.FromSeconds(0.5), await time.NextWaitAsync(Token));
        await keeper.StopAsync(Token);
    }
}
