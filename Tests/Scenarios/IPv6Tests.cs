using System.Globalization;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

/// <summary>The whole stack on IPv6 addresses, as real programs.</summary>
[Collection(MachineCollection.Name)]
public sealed class IPv6Tests(RedisFixture redisFixture)
{
    private const string AnyPort = "http://[::1]:0";

    [Fact]
    public async Task Players_are_matched_and_play_over_IPv6()
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await redis.AskAsync("CONFIG", "SET", "bind", "127.0.0.1 ::1");
        await using var backend = RunningProgram.Start("Backend", new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = AnyPort,
            ["REDIS_HOST"] = "[::1]",
            ["REDIS_PORT"] = redis.Port.ToString(CultureInfo.InvariantCulture),
            ["GameServers__Program"] = ProductPrograms.GameServer,
            ["GameServers__Standby"] = "2",
            ["GAME_SERVER_CONNECT_HOST"] = "[::1]",
            ["SESSION_SIZE"] = "2",
        });
        var backendUrl = await backend.WaitUntilListeningAsync();
        await using var proxy = RunningProgram.Start("Proxy", new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = AnyPort,
            ["BACKEND_URL"] = backendUrl.AbsoluteUri,
        });
        var proxyUrl = await proxy.WaitUntilListeningAsync();
        using var door = new ContractClient(proxyUrl);
        await proxy.WaitUntilHealthyAsync(door, Waits.Start);

        await using var loadTester = RunningProgram.Start("LoadTester", new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["TARGET_URL"] = proxyUrl.AbsoluteUri,
            ["CLIENTS"] = "4",
            ["MATCH_DURATION"] = "5",
        });
        Assert.Equal(0, await loadTester.WaitForExitAsync("playing", Waits.Start));
        Assert.Equal("matched 4, played 4, failed 0", loadTester.Output[^1]);

        using var players = new ContractClient(new Uri(proxyUrl, "api/"));
        var seats = await players.JoinAndWaitAsync(Players.New("six", 2), TestContext.Current.CancellationToken);
        Assert.All(seats, seat => Assert.Equal("::1", seat.Host));
        Assert.Equal(0, await backend.StopAsync());
    }
}
