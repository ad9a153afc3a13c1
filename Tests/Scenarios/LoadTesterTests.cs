using GameStack.Tests.Support;
using LocalServers;

namespace GameStack.Tests.Scenarios;

[Collection(SharedStackCollection.Name)]
public sealed class LoadTesterTests(SharedStack shared) : StackTests(shared)
{
    [Fact]
    public Task Fifty_clients_of_the_load_tester_are_all_matched_and_play() => LoadTesterRun.PlayAsync(Running.Door, clients: 50);

    [Theory]
    [InlineData("gateway")]
    [InlineData("websocket")]
    public Task Matches_are_played_through_the_gateway(string through) =>
        LoadTesterRun.PlayAsync(Running.Door, clients: 20, through, Running.Gateway);

    [Fact]
    public async Task A_load_tester_that_reaches_nobody_says_so_and_fails()
    {
        await using var loadTester = RunningProgram.Start("LoadTester", new Dictionary<string, string?>
        {
            ["CLIENTS"] = "2",
            ["TARGET_URL"] = $"http://127.0.0.1:{FreePort.Next()}",
            ["MATCH_DURATION"] = "1",
        });

        var exitCode = await loadTester.WaitForExitAsync("failing two clients", Waits.Start);

        Assert.Equal(1, exitCode);
        Assert.Equal("matched 0, played 0, failed 2", loadTester.Lines.Last(line => line.Length > 0));
    }
}
