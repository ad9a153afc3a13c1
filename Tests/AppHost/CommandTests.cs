using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using GameStack.Tests.EndToEnd;

namespace GameStack.Tests.AppHost;

/// <summary>The commands of the dashboard and of the <c>aspire</c> CLI, which call the same functions.</summary>
[Collection(SharedStackCollection.Name)]
public sealed class CommandTests(SharedStack shared) : StackTests(shared)
{
    [Fact]
    public async Task A_load_test_is_run_with_the_values_asked_for_and_reports_what_came_of_it()
    {
        var result = await RunAsync("load-tester", "run-load-test", ("clients", "15"), ("match-duration", "1"), ("spawn-rate", "0"));

        Assert.True(result.Success, result.Message);
        Assert.Equal("matched 15, played 15, failed 0", result.Message);
        Assert.Contains("| join to connected | 15 |", result.Data!.Value, StringComparison.Ordinal);

        // A second one, which must not report the first; values that are not given are the settings' own: 10 clients.
        Assert.Equal("matched 10, played 10, failed 0", (await RunAsync("load-tester", "run-load-test")).Message);
    }

    [Fact]
    public async Task Somebody_who_plays_alone_gets_opponents()
    {
        var player = NewPlayer("alone");
        (await Client.JoinAsync(player, Cancelled)).Ok();

        Assert.Equal("4 simulated players have joined.", (await RunAsync("backend", "add-players", ("count", "4"))).Message);

        var seat = await Client.WaitUntilMatchedAsync(player, Cancelled);
        using var connection = await GameConnection.ConnectAsync(seat, Cancelled);
        Assert.Equal("RUNNING_LENGTH 1", await connection.AskAsync("REQUEST_MATCH 1", Cancelled));
        await Client.WaitUntilEndedAsync(player, Cancelled);
    }

    [Fact]
    public async Task All_matches_are_ended()
    {
        var players = NewParty("ended");
        await Client.JoinAndWaitAsync(players, Cancelled);

        var result = await RunAsync("backend", "end-all-matches");

        Assert.Equal("1 matches ended.", result.Message);
        Assert.Equal(0, (await Client.ActiveSessionsAsync(Cancelled)).Ok().Number("count"));
    }

    [Fact]
    public async Task Nothing_can_be_asked_of_a_load_test_that_it_would_refuse()
    {
        foreach (var wrong in new[] { ("clients", "0"), ("clients", "1.5"), ("match-duration", "-1"), ("spawn-rate", "many") })
        {
            Assert.Equal("Command argument validation failed.", (await RunAsync("load-tester", "run-load-test", wrong)).Message);
        }
    }

    private Task<ExecuteCommandResult> RunAsync(string resource, string command, params (string Name, string Value)[] arguments) =>
        Running.App.ResourceCommands.ExecuteCommandAsync(
            resource,
            command,
            new InteractionInputCollection(
                [.. arguments.Select(argument => new InteractionInput { Name = argument.Name, InputType = InputType.Number, Value = argument.Value })]),
            Cancelled);
}
