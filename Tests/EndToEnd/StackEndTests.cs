namespace GameStack.Tests.EndToEnd;

[Collection(MachineCollection.Name)]
public sealed class StackEndTests
{
    [Fact]
    public async Task Nothing_is_left_of_a_stack_that_is_ended_with_Ctrl_C()
    {
        await using var stack = await Stack.StartAsync(new StackSettings { SessionSize = 2 }, asGroup: true);
        var before = await PlayAsync(stack);

        stack.AppHost.InterruptGroup();

        Assert.Empty(await stack.WaitUntilGoneAsync(before));
        Assert.Equal(0, await stack.AppHost.WaitForExitAsync("stopping", Waits.Patient));
    }

    [Fact]
    public async Task Nothing_is_left_of_a_stack_that_is_told_to_stop()
    {
        await using var stack = await Stack.StartAsync(new StackSettings { SessionSize = 2 });
        var before = await PlayAsync(stack);

        stack.AppHost.Signal(RunningProgram.SigTerm);

        Assert.Empty(await stack.WaitUntilGoneAsync(before));
        Assert.Equal(0, await stack.AppHost.WaitForExitAsync("stopping", Waits.Patient));
    }

    [Fact]
    public async Task Nothing_is_left_of_a_stack_whose_AppHost_was_killed()
    {
        await using var stack = await Stack.StartAsync(new StackSettings { SessionSize = 2 });
        var before = await PlayAsync(stack);

        stack.AppHost.Kill();

        Assert.Empty(await stack.WaitUntilGoneAsync(before));
    }

    /// <summary>Has a match played, so that there is a game server too, and says what runs while it is.</summary>
    private static async Task<IReadOnlyList<ProcessEntry>> PlayAsync(Stack stack)
    {
        using var within = Waits.Within(Waits.Patient);
        var seats = await stack.Players.JoinAndWaitAsync(Players.New("player", 2), within.Token);
        using var connection = await GameConnection.ConnectAsync(seats[0], within.Token);
        Assert.Equal("RUNNING_LENGTH 600", await connection.AskAsync("REQUEST_MATCH 600", within.Token));

        var running = stack.Processes();
        foreach (var program in new[] { "Backend", "Proxy", "GameServer", "redis-server", "postgres" })
        {
            Assert.Contains(running, process => process.Command.Contains(program, StringComparison.Ordinal));
        }

        return running;
    }
}
