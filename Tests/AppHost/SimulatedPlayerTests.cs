using GameStack.AppHost.Commands;
using GameStack.Tests.Scenarios;
using GameStack.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace GameStack.Tests.AppHost;

public sealed class SimulatedPlayerTests(RedisFixture redis, PostgresFixture postgres) : BackendTests(redis, postgres)
{
    private readonly TestFolder _folder = new();
    private readonly TestTickets _tickets = new();

    [Fact]
    public async Task Where_tickets_are_required_an_opponent_takes_its_seat()
    {
        var keyFile = Path.Combine(_folder.Path, "private-key.pem");
        await File.WriteAllTextAsync(keyFile, _tickets.PrivatePem, Cancelled);
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync(
            "backend", new StackSettings { SessionSize = 2 }, ("Tickets__KeyFile", keyFile), ("GameServers__Tickets", "Required"));
        var opponent = new SimulatedPlayer(backend.Http, NullLogger.Instance);
        await opponent.JoinAsync(Cancelled);
        var playing = opponent.PlayAsync(Cancelled);
        var seat = Assert.Single(await backend.Client.JoinAndWaitAsync(["p1"], Cancelled));
        await using var player = await LineClient.ConnectAsync(seat, Cancelled);
        await player.AskAsync($"JOIN {(await backend.Client.StatusAsync("p1", Cancelled)).Ok().Text("ticket")}");

        await Eventually.IsAsync("the opponent's seat is taken", _ => AreConnectedAsync(player), Waits.Patient);

        Assert.Equal("RUNNING_LENGTH 1", await player.AskAsync("REQUEST_MATCH 1"));
        Assert.Equal(["STATE running", "STATE stop"], await player.ReadToEndAsync());
        await playing;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _folder.Dispose();
            _tickets.Dispose();
        }

        base.Dispose(disposing);
    }

    private static async Task<bool> AreConnectedAsync(LineClient player)
    {
        await player.SendLineAsync("GET_ROSTER");
        var lines = await player.ReadLinesAsync(3);
        return lines[1..].All(line => line.Contains(" connected ", StringComparison.Ordinal));
    }
}
