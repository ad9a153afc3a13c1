using System.Net;
using System.Net.WebSockets;
using System.Text;
using GameStack.Tests.Support;
using static GameStack.Tests.Proxy.Gateway.WebSockets.PlayerSocket;

namespace GameStack.Tests.Proxy.Gateway.WebSockets;

public sealed class PlayEndpointTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_ticket_in_subprotocol_or_query_leads_to_the_server(bool inProtocol)
    {
        await using var gateway = await RunningGateway.StartAsync();
        var ticket = gateway.Ticket();
        using var player = await OpenAsync(gateway, inProtocol ? null : ticket, inProtocol ? ticket : null);
        await using var server = await gateway.Server.AcceptedAsync();
        Assert.Equal($"JOIN {ticket}", await server.ReadLineAsync());

        await server.SendLineAsync("JOINED 0 p1");
        await SendAsync(player, "GET_STATE\n", WebSocketMessageType.Text);

        Assert.Equal((WebSocketMessageType.Text, "JOINED 0 p1\n"), await ReceiveAsync(player));
        Assert.Equal("GET_STATE", await server.ReadLineAsync());
    }

    [Theory]
    [InlineData(WebSocketMessageType.Text)]
    [InlineData(WebSocketMessageType.Binary)]
    public async Task The_server_answers_in_the_kind_of_message_that_the_player_used_first(WebSocketMessageType kind)
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var player = await OpenAsync(gateway, gateway.Ticket());
        await using var server = await gateway.Server.AcceptedAsync();
        await SendAsync(player, "GET_ST", kind);
        await SendAsync(player, "ATE\n", WebSocketMessageType.Text);
        await server.ReadLinesAsync(2);

        await server.SendLineAsync("STATE open");

        Assert.Equal((kind, "STATE open\n"), await ReceiveAsync(player));
    }

    [Fact]
    public async Task A_character_that_arrives_in_two_pieces_is_sent_in_one_message()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var player = await OpenAsync(gateway, gateway.Ticket());
        await using var server = await gateway.Server.AcceptedAsync();
        var bytes = "JOINED 0 ü\n"u8.ToArray();

        await server.SendAsync(bytes.AsMemory(..^2));
        var first = await player.ReceiveAsync(new byte[bytes.Length], Cancelled);
        await server.SendAsync(bytes.AsMemory(^2..));

        Assert.False(first.EndOfMessage);
        Assert.Equal(2, (await player.ReceiveAsync(new byte[bytes.Length], Cancelled)).Count);
    }

    [Theory, MemberData(nameof(GatewayTests.RefusedTickets), MemberType = typeof(GatewayTests))]
    public async Task A_ticket_that_does_not_count_is_refused_with_its_reason(string kind, string reason)
    {
        await using var gateway = await RunningGateway.StartAsync();

        using var player = await OpenAsync(gateway, WrongTickets.Make(kind, gateway));

        Assert.Equal((WebSocketMessageType.Text, $"DENIED {reason}\n"), await ReceiveAsync(player));
        Assert.Equal(WebSocketMessageType.Close, (await ReceiveAsync(player)).Kind);
        Assert.Equal(0, gateway.Server.Untaken);
    }

    [Fact]
    public async Task Either_end_can_close()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var player = await OpenAsync(gateway, gateway.Ticket());

        await CloseBothEndsAsync(player, gateway);
    }

    [Theory]
    [InlineData("https://evil.example.com", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData(null, HttpStatusCode.SwitchingProtocols)]
    [InlineData("own", HttpStatusCode.SwitchingProtocols)]
    [InlineData("https://play.example.com", HttpStatusCode.SwitchingProtocols)]
    public async Task Only_pages_of_the_same_origin_and_of_listed_ones_may_play(string? origin, HttpStatusCode expected)
    {
        await using var gateway = await RunningGateway.StartAsync("Cors:Origins=https://play.example.com");
        var own = $"https://{gateway.Proxy.Address.Authority}";

        using var player = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        if (origin is not null)
            player.Options.SetRequestHeader("Origin", origin == "own" ? own : origin);
        try
        {
            await player.ConnectAsync(AddressOf(gateway, gateway.Ticket()), Cancelled);
        }
        catch (WebSocketException)
        {
            // Refused.
        }

        Assert.Equal(expected, player.HttpStatusCode);
    }

    [Fact]
    public async Task A_call_that_opens_no_WebSocket_is_told_what_the_address_is_for()
    {
        await using var gateway = await RunningGateway.StartAsync();

        using var response = await gateway.Proxy.Client.GetAsync("/play", Cancelled);

        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, response);
    }

    [Theory]
    [InlineData("é")]
    [InlineData("a b")]
    [InlineData("{\"sub\":\"p1\"}")]
    public async Task A_subprotocol_that_cannot_be_a_ticket_opens_no_WebSocket(string ticket)
    {
        await using var gateway = await RunningGateway.StartAsync();
        var bytes = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(ticket));

        var response = await RawHttp.SendAsync(
            gateway.Proxy.Address,
            $"GET /play HTTP/1.1\r\nHost: {gateway.Proxy.Address.Authority}\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + $"Sec-WebSocket-Protocol: gamestack.ticket.{bytes}\r\n\r\n",
            Cancelled);

        Assert.Equal(400, RawHttp.StatusOf(response));
        Assert.Contains("application/problem+json", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WebSockets_count_as_connections()
    {
        await using var gateway = await RunningGateway.StartAsync("Gateway:MaxConnections=1");
        using var player = await OpenAsync(gateway, gateway.Ticket());
        await using var server = await gateway.Server.AcceptedAsync();

        using var second = await OpenAsync(gateway, gateway.Ticket());

        Assert.Equal("DENIED full\n", (await ReceiveAsync(second)).Text);
    }

    [Fact]
    public async Task A_connection_counts_as_one_call_of_a_player()
    {
        await using var gateway = await RunningGateway.StartAsync(
            "RateLimit:LimitLoopback=true", "RateLimit:PermitsPerSecond=1", "RateLimit:Burst=10");

        for (var connection = 0; connection < 10; connection++)
        {
            using var player = await OpenAsync(gateway, "nonsense");
            Assert.Equal("DENIED malformed\n", (await ReceiveAsync(player)).Text);
        }
    }

    [Fact]
    public async Task A_drain_waits_for_WebSockets_too_and_then_closes_them()
    {
        await using var gateway = await RunningGateway.StartAsync("Gateway:DrainSeconds=5");
        using var player = await OpenAsync(gateway, gateway.Ticket());
        await using var server = await gateway.Server.AcceptedAsync();
        await server.ReadLineAsync();

        var stopped = gateway.Proxy.StopAsync();
        await SendAsync(player, "GET_STATE\n", WebSocketMessageType.Text);

        Assert.Equal("GET_STATE", await server.ReadLineAsync());
        await Assert.ThrowsAsync<IOException>(server.ReadLineAsync);
        await stopped.WaitAsync(Waits.Patient, Cancelled);
    }

    private static Uri AddressOf(RunningGateway gateway, string? ticket) =>
        new($"ws://{gateway.Proxy.Address.Authority}/play{(ticket is null ? "" : $"?ticket={ticket}")}");

    private static async Task<ClientWebSocket> OpenAsync(RunningGateway gateway, string? inQuery, string? inProtocol = null)
    {
        var socket = new ClientWebSocket();
        if (inProtocol is not null)
            socket.Options.AddSubProtocol($"gamestack.ticket.{inProtocol}");
        await socket.ConnectAsync(AddressOf(gateway, inQuery), Cancelled);
        return socket;
    }
}
