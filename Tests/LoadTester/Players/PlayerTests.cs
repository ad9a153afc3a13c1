using GameStack.LoadTester.Players;
using GameStack.LoadTester.Run;
using GameStack.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.LoadTester.Players;

public sealed class PlayerTests
{
    [Theory]
    [InlineData(59, "ticket-1")]
    [InlineData(60, "ticket-2")]
    public async Task A_ticket_that_is_60_seconds_old_is_replaced_before_it_is_shown(int seconds, string shown)
    {
        var mayStop = new TaskCompletionSource();
        await using var stack = await ContractStack.StartAsync(
            new ContractStackOptions { SessionSize = 1, Tickets = true, MayStop = mayStop.Task });
        var time = new FakeTimeProvider();
        using var run = new TestRun(
            new LoadSettings { Clients = 1, TargetUrl = new Uri(stack.Url), MatchDuration = 300 }, time);
        using var within = Waits.Within(Waits.Patient);

        var running = run.Crowd.RunAsync(within.Token);
        await Eventually.IsAsync(
            "playing", _ => Task.FromResult(run.Board.Snapshot().In(PlayerState.Playing) == 1), Waits.Patient);
        time.Advance(TimeSpan.FromSeconds(seconds));
        mayStop.SetResult();
        await running;

        Assert.Equal(1, run.Board.Snapshot().In(PlayerState.Ended));
        Assert.Equal(shown, Assert.Single(stack.EndTickets));
    }
}
