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
        using var second = await PlayAsync(gateway, TicketFor("p2", gateway, server));

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

    /// <summary>What the gateway cannot know: all these tickets are signed and lead to this server.</summary>
    [Fact]
    public async Task A_used_or_foreign_ticket_is_refused_by_the_server_through_both_doors()
    {
        await using var gateway = await RunningGateway.StartAsync();
        await using var server = await StartServerAsync(gateway);
        var used = TicketFor("p1", gateway, server);
        await using var member = await gateway.ConnectAsync();
        Assert.Equal("JOINED 0 p1", await member.AskAsync($"JOIN {used}"));
        var address = $"127.0.0.1:{server.GamePort}";
        (string Reason, string Ticket)[] wrong =
        [
            ("replayed", used),
            ("wrong_match", gateway.Tickets.Make("p1", Guid.NewGuid(), address: address)),
            ("wrong_server", gateway.Tickets.Make("p1", MatchId, server: "game-server-2", address: address)),
            ("wrong_player", gateway.Tickets.Make("p3", MatchId, address: address)),
        ];

        foreach (var (reason, ticket) in wrong)
        {
            await using var player = await gateway.ConnectAsync();
            using var page = await PlayAsync(gateway, ticket);

            Assert.Equal($"DENIED {reason}", await player.AskAsync($"JOIN {ticket}"));
            Assert.Equal($"DENIED {reason}", await page.ReadLineAsync(Cancelled));
        }

        Assert.Equal("STATE open", await member.AskAsync("GET_STATE"));
    }

    [Theory]
    [InlineData("JOIN {0}", "JOINED")]
    [InlineData("JOIN\t{0}", "JOINED")]
    [InlineData(" JOIN {0}", "JOINED")]
    [InlineData("\t join \t {0} \t\r", "JOINED")]
    [InlineData("JOIN {0}\r\r", "DENIED bad_signature")]
    [InlineData("JOIN {0} {0}", "DENIED bad_signature")]
    [InlineData("JOIN\v{0}", "DENIED no_ticket")]
    [InlineData("JOIN{0}", "DENIED no_ticket")]
    [InlineData("\tJOIN ", "DENIED no_ticket")]
    [InlineData(" \t", "DENIED no_ticket")]
    public async Task A_first_line_has_the_same_answer_through_the_gateway_and_directly(string line, string answer)
    {
        await using var gateway = await RunningGateway.StartAsync();
        await using var server = await StartServerAsync(gateway);
        await using var through = await gateway.ConnectAsync();
        await using var direct = await server.ConnectAsync();

        Assert.StartsWith(answer, await through.AskAsync(LineOf("p1")), StringComparison.Ordinal);
        Assert.StartsWith(answer, await direct.AskAsync(LineOf("p2")), StringComparison.Ordinal);

        string LineOf(string player) => line.Replace("{0}", TicketFor(player, gateway, server), StringComparison.Ordinal);
    }

    /// <summary>The lines of the server for a player on a WebSocket. Disposing closes it.</summary>
    private static async Task<StreamReader> PlayAsync(RunningGateway gateway, string ticket)
    {
        var socket = new ClientWebSocket();
        try
        {
            await socket.ConnectAsync(new Uri($"ws://{gateway.Proxy.Address.Authority}/play?ticket={ticket}"), Cancelled);
            return new StreamReader(WebSocketStream.Create(socket, WebSocketMessageType.Text, ownsWebSocket: true));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Task<GameServerProcess> StartServerAsync(RunningGateway gateway) => GameServerProcess.StartSeatedAsync(
        MatchId, ["p1", "p2"], new TicketTerms { Server = "game-server-1", Keys = [gateway.Tickets.Key], Required = true });

    private static string TicketFor(string player, RunningGateway gateway, GameServerProcess server) =>
        gateway.Tickets.Make(player, MatchId, address: $"127.0.0.1:{server.GamePort}");
}
