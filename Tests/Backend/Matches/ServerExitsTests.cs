using GameStack.Backend.Life;
using GameStack.Backend.Matches;
using GameStack.Backend.Queue;
using GameStack.Tests.Backend.Background;
using GameStack.Tests.Backend.Queue;
using GameStack.Tests.Support;

namespace GameStack.Tests.Backend.Matches;

public sealed class ServerExitsTests(RedisFixture redis) : IDisposable
{
    private const int NotEnded = 162;
    private const int CanBeEnded = 163;

    private readonly CancellationTokenSource _within = Waits.Within(Waits.Patient);

    private CancellationToken Token => _within.Token;

    public void Dispose() => _within.Dispose();

    [Fact]
    public async Task The_exit_of_a_server_is_told_again_until_Redis_serves()
    {
        var (options, time, fleet) = (TestRules.Of(size: 2), new ObservedTime(), new FakeFleet());
        await using var queues = await RedisQueues.StartAsync(redis, options);
        await using var matches = new MatchBackend(queues.Queue, fleet, new QueueSignals(), options, time);
        using var exits = new ServerExits(fleet, matches.Ender, matches.Life, time, matches.Logger<ServerExits>());
        var claim = await MatchQueueTests.FormAsync(queues.Queue, "p1", "p2");
        var server = FakeFleet.Server(claim.MatchId);
        await queues.Queue.AssignAsync(claim, server, Token);
        await exits.StartAsync(Token);

        await queues.RefuseAsync();
        fleet.Exit(server);
        await time.PassNextWaitAsync(Token);
        await time.NextWaitAsync(Token);
        Assert.Single(matches.Log.Of(NotEnded)); // However often it is tried.
        await queues.Returns[0].ReopenAsync(lost: false, brief: false, Token);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(MatchEnd.ServerExit, (await matches.Steps.FirstAsync<MatchStep.Ended>()).By);
        Assert.Equal(PlayerPhase.Ended, (await queues.Queue.FindAsync("p1", Token)).Phase);
        Assert.Single(matches.Steps.All.OfType<MatchStep.ServerExited>());
        await matches.Log.WaitForAsync(CanBeEnded, 1);
        await exits.StopAsync(Token);
    }

    [Fact]
    public async Task However_many_exits_must_wait_they_do_not_delay_the_next()
    {
        var (options, time) = (TestRules.Of(size: 2), new ObservedTime());
        var fleet = new FakeFleet { Looking = token => Task.Delay(Timeout.Infinite, token) };
        var memory = new MemoryBackend(options, time);
        await using var matches = new MatchBackend(memory, fleet, options, time);
        using var exits = new ServerExits(fleet, matches.Ender, matches.Life, time, matches.Logger<ServerExits>());
        var underWay = await MatchQueueTests.FormAsync(memory.Queue, "p1", "p2");
        matches.Assigner.Begin(underWay);
        var live = await MatchQueueTests.FormAsync(memory.Queue, "p3", "p4");
        await memory.Queue.AssignAsync(live, FakeFleet.Server(live.MatchId), Token);
        await exits.StartAsync(Token);

        for (var i = 0; i < 300; i++)
        {
            fleet.Exit(FakeFleet.Server(underWay.MatchId));
        }

        fleet.Exit(FakeFleet.Server(live.MatchId));

        Assert.Equal(live.MatchId, (await matches.Steps.FirstAsync<MatchStep.Ended>()).MatchId);
        await exits.StopAsync(Token);
    }
}
