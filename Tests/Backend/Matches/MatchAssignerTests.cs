using GameStack.Backend.GameServers;
using GameStack.Backend.Life;
using GameStack.Backend.Matches;
using GameStack.Backend.Queue;
using GameStack.Tests.Backend.Queue;
using GameStack.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.Matches;

public sealed class MatchAssignerTests(RedisFixture redis)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_failed_try_left_is_ended_before_the_next_one()
    {
        var options = TestRules.Of(size: 2);
        await using var queues = await RedisQueues.StartAsync(redis, options);
        var claim = await MatchQueueTests.FormAsync(queues.Queue, "p1", "p2");
        var fleet = new FakeFleet();

        await AssignAsync(queues.Queue, fleet, options, claim);

        // Three tries; after the last the match is no more, and the reconciler clears up.
        Assert.Equal([claim.MatchId, claim.MatchId], fleet.Ended);
        Assert.Equal(["p1", "p2"], await queues.WaitingAsync());
    }

    [Fact]
    public async Task A_try_that_fails_too_late_leaves_the_server_alone_that_another_backend_has_assigned()
    {
        var options = TestRules.Of(size: 2, lease: 0);
        await using var queues = await RedisQueues.StartAsync(redis, options, backends: 2);
        var claim = await MatchQueueTests.FormAsync(queues.Queue, "p1", "p2");
        var fleet = new FakeFleet
        {
            Looking = async _ =>
            {
                var taken = Assert.Single((await queues.Backends[1].AdvanceAsync(Token)).Claims);
                Assert.True(await queues.Backends[1].AssignAsync(taken, MatchQueueTests.Server(taken), Token));
            },
        };

        await AssignAsync(queues.Queue, fleet, options, claim);

        Assert.Empty(fleet.Ended);
        Assert.Equal(PlayerPhase.Matched, (await queues.Queue.FindAsync("p1", Token)).Phase);
    }

    [Fact]
    public async Task After_a_try_that_fails_in_no_expected_way_the_players_of_a_match_in_memory_wait_again()
    {
        var options = TestRules.Of(size: 2);
        var memory = new MemoryBackend(options, TimeProvider.System);
        var claim = await MatchQueueTests.FormAsync(memory.Queue, "p1", "p2");
        var fleet = new FakeFleet { Looking = _ => throw new IOException("The disk is full.") };
        await using var assigner = new MatchAssigner(
            memory.Queue, fleet, memory.Signals, new MatchLife([]), TimeProvider.System, options, NullLogger<MatchAssigner>.Instance);

        assigner.Begin(claim); // It has failed when this returns.

        Assert.Empty(assigner.Held);
        var next = Assert.Single((await memory.Queue.AdvanceAsync(Token)).Claims);
        Assert.Equal(["p1", "p2"], next.Players);
    }

    private static async Task AssignAsync(IMatchQueue queue, IGameServerFleet fleet, IOptions<MatchmakingOptions> options, MatchClaim claim)
    {
        var signals = new QueueSignals();
        await using var assigner = new MatchAssigner(
            queue, fleet, signals, new MatchLife([]), TimeProvider.System, options, NullLogger<MatchAssigner>.Instance);
        assigner.Begin(claim);
        await signals.WaitForQueueAsync(Token).WaitAsync(TimeSpan.FromSeconds(30)); // The claim is given back, or lost.
    }
}
