using System.Net.WebSockets;
using GameStack.Contracts.Tickets;
using GameStack.Tests.GameServer;

namespace GameStack.Tests.Proxy.Gateway;

/// <summary>Matches on the built game server, whose port only the proxy connects to.</summary>
public sealed class RealMatchTests
{
    private static readonly Guid MatchId = Guid.NewGuid();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_match_is_played_through_the_gateway_and_through_a_WebSocket()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await using var server = await StartServerAsync(gateway);
        await using var first = await gateway.ConnectAsync();
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(
            new Uri($"ws://{gateway.Proxy.Address.Authority}/play?ticket={TicketFor("p2", gateway, server)}"), Cancelled);
        await using var stream = WebSocketStream.Create(socket, WebSocketMessageType.Text);
        using var second = new StreamReader(stream);

        Assert.Equal("JOINED 1 p2", await second.ReadLineAsync(Cancelled));
        Assert.Equal("JOINED 0 p1", await first.AskAsync($"join  {TicketFor("p1", gateway, server)} \r"));
        await first.SendLineAsync("REQUEST_MATCH 1");

        Assert.Equal(["RUNNING_LENGTH 1", "STATE running"], await first.ReadLinesAsync(2));
        Assert.Equal("STATE running", await second.ReadLineAsync(Cancelled));
        Assert.Equal(["STATE stop"], await first.ReadToEndAsync());
        Assert.Equal("STATE stop", await second.ReadLineAsync(Cancelled));
        Assert.Null(await second.ReadLineAsync(Cancelled));
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task A_ticket_that_was_used_before_is_refused_by_the_server()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await using var server = await StartServerAsync(gateway);
        var ticket = TicketFor("p1", gateway, server);
        await using var first = await gateway.ConnectAsync();
        Assert.Equal("JOINED 0 p1", await first.AskAsync($"JOIN {ticket}"));

        await using var second = await gateway.ConnectAsync();

        Assert.Equal("DENIED replayed", await second.AskAsync($"JOIN {ticket}"));
        Assert.Equal("STATE open", await first.AskAsync("GET_STATE"));
    }

    private static Task<GameServerProcess> StartServerAsync(RunningGateway gateway) => GameServerProcess.StartSeatedAsync(
        MatchId, ["p1", "p2"], new TicketTerms { Server = "game-server-1", Keys = [gateway.Tickets.Key], Required = true });

    private static string TicketFor(string player, RunningGateway gateway, GameServerProcess server) =>
        gateway.Tickets.Make(player, MatchId, address: $"127.0.0.1:{server.GamePort}");
}
