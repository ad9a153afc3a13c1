using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using GameStack.Tests.Scenarios;
using GameStack.Tests.Support;

namespace GameStack.Tests.AppHost;

/// <summary>The commands of the dashboard and of the <c>aspire</c> CLI, which call the same functions.</summary>
[Collection(SharedStackCollection.Name)]
public sealed class CommandTests(SharedStack shared) : StackTests(shared)
{
    [Fact]
    public async Task A_load_test_runs_with_the_requested_values_and_reports_its_result()
    {
        var result = await RunAsync("load-tester", "run-load-test", ("clients", "15"), ("match-duration", "5"), ("spawn-rate", "0"));

        Assert.True(result.Success, result.Message);
        Assert.Equal("matched 15, played 15, failed 0", result.Message);
        Assert.Contains("| join to connected | 15 |", result.Data!.Value, StringComparison.Ordinal);

        // A second load test must not report the first one's result. Values that are not given come from the settings: 10 clients.
        Assert.Equal("matched 10, played 10, failed 0", (await RunAsync("load-tester", "run-load-test")).Message);
    }

    [Fact]
    public async Task A_load_test_plays_through_the_gateway_on_request()
    {
        var result = await RunAsync("load-tester", "run-load-test", ("clients", "5"), ("match-duration", "5"), ("through", "gateway"));

        Assert.Equal("matched 5, played 5, failed 0", result.Message);
    }

    [Fact]
    public async Task A_player_who_plays_alone_gets_opponents()
    {
        var player = NewPlayer("alone");
        (await Client.JoinAsync(player, Cancelled)).Ok();

        Assert.Equal("4 simulated players have joined.", (await RunAsync("backend", "add-players", ("count", "4"))).Message);

        var seat = await Client.WaitUntilMatchedAsync(player, Cancelled);
        await using var connection = await LineClient.ConnectAsync(seat, Cancelled);
        Assert.Equal("RUNNING_LENGTH 1", await connection.AskAsync("REQUEST_MATCH 1"));
        await Client.WaitUntilEndedAsync(player, Cancelled);
    }

    [Fact]
    public async Task End_all_matches_ends_every_match()
    {
        var players = NewParty("ended");
        await Client.JoinAndWaitAsync(players, Cancelled);

        var result = await RunAsync("backend", "end-all-matches");

        Assert.Equal("Matches ended: 1.", result.Message);
        Assert.Equal(0, (await Client.ActiveSessionsAsync(Cancelled)).Ok().Number("count"));
    }

    [Fact]
    public async Task A_load_test_with_an_invalid_value_does_not_start()
    {
        (string, string)[] invalid =
        [
            ("clients", "0"), ("clients", "1.5"), ("clients", "1,000"), ("match-duration", "1e3"), ("match-duration", "-1"),
            ("spawn-rate", "many"), ("through", "tunnel"),
        ];
        foreach (var wrong in invalid)
        {
            Assert.Equal("Command argument validation failed.", (await RunAsync("load-tester", "run-load-test", wrong)).Message);
        }
    }

    private Task<ExecuteCommandResult> RunAsync(string resource, string command, params (string Name, string Value)[] arguments) =>
        Running.App.ResourceCommands.ExecuteCommandAsync(
            resource,
            command,
            new InteractionInputCollection(
                [.. arguments.Select(argument =>
                    new InteractionInput { Name = argument.Name, InputType = InputType.Number, Value = argument.Value })]),
            Cancelled);
}
