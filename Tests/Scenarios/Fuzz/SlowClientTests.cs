using GameStack.Contracts;
using GameStack.Tests.GameServer;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>Clients that hold connections and hardly use them.</summary>
[Collection(MachineCollection.Name)]
public sealed class SlowClientTests(RedisFixture redis, PostgresFixture postgres) : BackendTests(redis, postgres)
{
    private const int SlowCallers = 500;

    [Theory]
    [InlineData("POST /api/match/join HTTP/1.1\r\nHost: x\r\nX-Slow: ")]
    [InlineData(
        "POST /api/match/join HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n{\"player_id\":\"")]
    public async Task Hundreds_of_calls_that_never_end_do_not_keep_players_from_a_match_and_are_let_go(string beginning)
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync("backend", new StackSettings { SessionSize = 4 });
        await using var proxy = await ProxyProcess.StartAsync(backend.Root);
        var callers = await Task.WhenAll(
            Enumerable.Range(0, SlowCallers).Select(_ => SlowCaller.ConnectAsync(proxy.Root, beginning, Cancelled)));
        var dribbling = callers.Select(caller => caller.DribbleAsync(Cancelled)).ToArray();

        var seats = await proxy.Client.JoinAndWaitAsync(Players.New("player", 4), Cancelled);
        await using (var connection = await LineClient.ConnectAsync(seats[0], Cancelled))
        {
            Assert.Equal("RUNNING_LENGTH 60", await connection.AskAsync("REQUEST_MATCH 60"));
            (await proxy.Client.EndAsync(seats[0].SessionId, Cancelled)).Ok();
            Assert.Equal(["STATE running", "STATE stop"], await connection.ReadToEndAsync());
        }

        var answers = await Task.WhenAll(dribbling);
        Assert.All(
            answers, answer => Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal), answer));
        Assert.Contains(answers, answer => answer.Length > 0);
        Assert.Equal("ok", (await proxy.Client.GetAsync("/health", Cancelled)).Ok().Text("status"));
        foreach (var caller in callers)
        {
            caller.Dispose();
        }
    }

    /// <summary>As many connections as this process may open, at most all that one server takes.</summary>
    [Fact]
    public async Task Among_ten_thousand_connections_that_say_nothing_or_half_a_line_a_match_is_played()
    {
        const int Bound = 10_000;
        var idle = Math.Min(Bound, RobustnessTests.DescriptorLimit() - 1000) - 2;
        await using var server = await GameServerProcess.StartOpenAsync((GameServerSettings.ConnectTimeoutSeconds, "600"));
        var others = new List<LineClient>(idle);
        try
        {
            while (others.Count < idle)
            {
                var more = Math.Min(200, idle - others.Count);
                others.AddRange(await Task.WhenAll(Enumerable.Range(0, more).Select(i => ConnectIdleAsync(server, i))));
            }

            await using var first = await server.ConnectAsync();
            await using var second = await server.ConnectAsync();
            for (var i = 0; i < 500; i++)
            {
                Assert.Equal("STATE open", await first.AskAsync("GET_STATE"));
                Assert.Equal("RUNNING_LENGTH 0", await second.AskAsync("GET_RUNNING_LENGTH"));
            }

            await first.SendAsync("REQUEST_MATCH 15\n");
            Assert.Equal(["RUNNING_LENGTH 15", "STATE running"], await first.ReadLinesAsync(2));
            Assert.Equal("STATE running", await second.ReadLineAsync());

            // What was half a line is a whole one as soon as its end comes.
            await others[1].SendAsync("STATE\n");
            Assert.Equal(["STATE running", "STATE running"], await others[1].ReadLinesAsync(2));

            Assert.Equal(["STATE stop"], await first.ReadToEndAsync());
            Assert.Equal(["STATE stop"], await second.ReadToEndAsync());
            Assert.Equal(["STATE running", "STATE stop"], await others[0].ReadToEndAsync());
            Assert.Equal(0, await server.ExitAsync());
        }
        finally
        {
            foreach (var other in others)
            {
                await other.DisposeAsync();
            }
        }
    }

    private static async Task<LineClient> ConnectIdleAsync(GameServerProcess server, int number)
    {
        var client = await server.ConnectAsync();
        if (number % 2 == 1)
        {
            await client.SendAsync("GET_");
        }

        return client;
    }
}
