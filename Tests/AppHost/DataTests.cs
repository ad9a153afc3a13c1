using GameStack.Tests.Support;

namespace GameStack.Tests.AppHost;

[Collection(AppHostCollection.Name)]
public sealed class DataTests
{
    [Fact]
    public async Task A_played_match_is_known_after_the_graph_restarts()
    {
        await Stack.RequireProgramsAsync();
        using var within = Waits.Within(Waits.Start * 2);
        using var data = new TestFolder();
        var players = Players.New("remembered", 2);
        string match;
        await using (var first = await Stack.StartAsync(new StackSettings { SessionSize = 2 }, data))
        {
            match = (await first.Players.JoinAndWaitAsync(players, within.Token))[0].SessionId;
            (await first.Players.EndAsync(match, within.Token)).Ok();
        }

        await using var second = await Stack.StartAsync(new StackSettings { SessionSize = 2 }, data);
        var status = (await second.Players.StatusAsync(players[0], within.Token)).Ok();
        Assert.Equal(("ended", match), (status.Text("status"), status.Text("session_id")));
    }
}
