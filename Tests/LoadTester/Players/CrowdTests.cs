using GameStack.LoadTester.Run;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.LoadTester.Players;

public sealed class CrowdTests
{
    [Fact]
    public async Task Players_arrive_at_the_rate_asked_for()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { NeverMatch = true });
        var time = new FakeTimeProvider();
        using var stop = new CancellationTokenSource();
        using var run = new TestRun(new LoadSettings { Clients = 10, TargetUrl = new Uri(stack.Url), SpawnRate = 2 }, time);

        var running = run.Crowd.RunAsync(stop.Token);
        await stack.NextQueuedAsync();
        time.Advance(TimeSpan.FromSeconds(0.5));
        await stack.NextQueuedAsync();
        time.Advance(TimeSpan.FromSeconds(1));
        await stack.NextQueuedAsync();
        await stack.NextQueuedAsync();
        time.Advance(TimeSpan.FromSeconds(0.48));

        Assert.Equal(4, run.Board.Snapshot().Started);

        await stop.CancelAsync();
        await running;
        Assert.Equal(4, run.Board.Snapshot().Started);
    }

    [Fact]
    public async Task Two_runs_share_no_player()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { SessionSize = 1 });
        var settings = new LoadSettings { Clients = 2, TargetUrl = new Uri(stack.Url) };
        using var first = new TestRun(settings, TimeProvider.System);
        using var second = new TestRun(settings, TimeProvider.System);

        await Task.WhenAll(first.Crowd.RunAsync(CancellationToken.None), second.Crowd.RunAsync(CancellationToken.None));

        string[] players =
            [await stack.NextQueuedAsync(), await stack.NextQueuedAsync(), await stack.NextQueuedAsync(), await stack.NextQueuedAsync()];
        string[] expected = [$"{first.Crowd.RunId}-1", $"{first.Crowd.RunId}-2", $"{second.Crowd.RunId}-1", $"{second.Crowd.RunId}-2"];
        Assert.Equal(expected.Order(), players.Order());
    }
}
