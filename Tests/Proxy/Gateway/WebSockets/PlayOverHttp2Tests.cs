using System.Net;
using System.Net.WebSockets;
using GameStack.Proxy.Gateway;
using GameStack.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using static GameStack.Tests.Proxy.Gateway.WebSockets.PlayerSocket;

namespace GameStack.Tests.Proxy.Gateway.WebSockets;

/// <summary>
/// A browser opens a WebSocket with <c>CONNECT</c> where the proxy itself has TLS: it has an HTTP/2 connection there, which all its calls
/// share.
/// </summary>
public sealed class PlayOverHttp2Tests : IDisposable
{
    private readonly SelfSignedCertificate _certificate = new();
    private readonly HttpMessageInvoker _browser;

    public PlayOverHttp2Tests() => _browser = TestHttp.BrowserThatTrusts(_certificate);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _browser.Dispose();
        _certificate.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_ticket_in_subprotocol_or_query_leads_to_the_server(bool inProtocol)
    {
        await using var gateway = await StartAsync();
        var ticket = gateway.Ticket();
        using var player = await OpenAsync(gateway, inProtocol ? null : ticket, inProtocol ? ticket : null);
        await using var server = await gateway.Server.AcceptedAsync();
        Assert.Equal($"JOIN {ticket}", await server.ReadLineAsync());

        await server.SendLineAsync("JOINED 0 p1");
        await SendAsync(player, "GET_STATE\n");

        Assert.Equal((WebSocketMessageType.Text, "JOINED 0 p1\n"), await ReceiveAsync(player));
        Assert.Equal("GET_STATE", await server.ReadLineAsync());
        Assert.Equal(HttpStatusCode.OK, player.HttpStatusCode);
    }

    [Fact]
    public async Task A_player_may_send_more_than_the_body_of_a_call_may_have()
    {
        await using var gateway = await StartAsync();
        using var player = await OpenAsync(gateway, gateway.Ticket());
        await using var server = await gateway.Server.AcceptedAsync();
        await server.ReadLineAsync();
        var line = new string('x', 4000);

        for (var sent = 0; sent < 20; sent++)
        {
            await SendAsync(player, line + "\n");
            Assert.Equal(line, await server.ReadLineAsync());
        }
    }

    [Fact]
    public async Task A_refusal_says_why()
    {
        await using var gateway = await StartAsync();

        using var player = await OpenAsync(gateway, "nonsense");

        Assert.Equal((WebSocketMessageType.Text, "DENIED malformed\n"), await ReceiveAsync(player));
        Assert.Equal(WebSocketMessageType.Close, (await ReceiveAsync(player)).Kind);
    }

    [Fact]
    public async Task Either_end_can_close()
    {
        await using var gateway = await StartAsync();
        using var player = await OpenAsync(gateway, gateway.Ticket());

        await CloseBothEndsAsync(player, gateway);
    }

    /// <summary>What one player of a connection reads does not count as read by another.</summary>
    [Fact]
    public async Task A_silent_player_loses_the_place_after_the_server_has_ended_and_others_on_the_connection_play_on()
    {
        await using var gateway = await StartAsync();
        using var silent = await OpenAsync(gateway, gateway.Ticket());
        var ended = await gateway.Server.AcceptedAsync();
        using var player = await OpenAsync(gateway, gateway.Ticket());
        await using var server = await gateway.Server.AcceptedAsync();
        await server.ReadLineAsync();
        var places = gateway.Proxy.Services.GetRequiredService<GatewayPlaces>();
        Assert.Equal(2, places.Taken);

        await ended.DisposeAsync();

        await Eventually.IsAsync("one place is free", _ => PlayAsync(() => places.Taken == 1), TimeSpan.FromSeconds(45));
        Assert.True(await PlayAsync(() => true));

        async Task<bool> PlayAsync(Func<bool> isDone)
        {
            await SendAsync(player, "GET_STATE\n");
            Assert.Equal("GET_STATE", await server.ReadLineAsync());
            await server.SendLineAsync("STATE open");
            Assert.Equal("STATE open\n", (await ReceiveAsync(player)).Text);
            return isDone();
        }
    }

    [Fact]
    public async Task A_drain_waits_for_players_and_then_closes_their_connections()
    {
        await using var gateway = await StartAsync("Gateway:DrainSeconds=5");
        using var player = await OpenAsync(gateway, gateway.Ticket());
        await using var server = await gateway.Server.AcceptedAsync();
        await server.ReadLineAsync();

        var stopped = gateway.Proxy.StopAsync();
        await SendAsync(player, "GET_STATE\n");

        Assert.Equal("GET_STATE", await server.ReadLineAsync());
        await Assert.ThrowsAsync<IOException>(server.ReadLineAsync);
        await stopped.WaitAsync(Waits.Patient, Cancelled);
    }

    [Theory]
    [InlineData("https://evil.example.com", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData(null, HttpStatusCode.OK)]
    [InlineData("own", HttpStatusCode.OK)]
    [InlineData("https://play.example.com", HttpStatusCode.OK)]
    public async Task Only_pages_of_the_same_origin_and_of_listed_ones_may_play(string? origin, HttpStatusCode expected)
    {
        await using var gateway = await StartAsync("Cors:Origins=https://play.example.com");

        using var response = await ConnectAsync(gateway, $"/play?ticket={gateway.Ticket()}", "websocket", request =>
        {
            request.Headers.Add("Sec-WebSocket-Version", "13");
            if (origin is not null)
                request.Headers.Add("Origin", origin == "own" ? AddressOf(gateway, "").GetLeftPart(UriPartial.Authority) : origin);
        });

        Assert.Equal(expected, response.StatusCode);
        if (expected != HttpStatusCode.OK)
        {
            Assert.Contains("may not play here", await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
            await ProblemAssert.IsAsync(expected, response);
        }
    }

    [Theory]
    [InlineData("/", "websocket", HttpStatusCode.MethodNotAllowed)]
    [InlineData("/api/match/join", "websocket", HttpStatusCode.MethodNotAllowed)]
    [InlineData("/playground", "websocket", HttpStatusCode.MethodNotAllowed)]
    [InlineData("/play/p1", "websocket", HttpStatusCode.MethodNotAllowed)]
    [InlineData("/play", "connect-udp", HttpStatusCode.MethodNotAllowed)]
    [InlineData("/play", "websocket", HttpStatusCode.BadRequest)] // Without the version of WebSockets.
    public async Task No_tunnel_is_opened(string path, string protocol, HttpStatusCode expected)
    {
        await using var gateway = await StartAsync();

        using var response = await ConnectAsync(gateway, path, protocol);

        await ProblemAssert.IsAsync(expected, response);
    }

    [Fact]
    public async Task Players_are_limited_by_their_address()
    {
        await using var gateway = await StartAsync("RateLimit:LimitLoopback=true", "RateLimit:PermitsPerSecond=1", "RateLimit:Burst=2");

        HttpStatusCode code;
        var calls = 0;
        do
        {
            using var response = await ConnectAsync(gateway, "/play", "websocket");
            code = response.StatusCode;
        }
        while (code == HttpStatusCode.BadRequest && ++calls < 100);

        Assert.Equal(HttpStatusCode.TooManyRequests, code);
        Assert.InRange(calls, 2, 99);
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable, "Limits:MaxConnections=2")]
    [InlineData(HttpStatusCode.TooManyRequests, "Limits:MaxConnections=4", "Limits:AddressShare=0.5", "RateLimit:LimitLoopback=true")]
    public async Task Without_a_slot_for_a_call_no_WebSocket_is_opened(HttpStatusCode expected, params string[] settings)
    {
        await using var gateway = await StartAsync(HoldAsync, settings);
        using var first = await CallAsync(gateway);
        using var second = await CallAsync(gateway);

        using var response = await ConnectAsync(
            gateway, "/play?ticket=nonsense", "websocket", request => request.Headers.Add("Sec-WebSocket-Version", "13"));

        Assert.Equal(5, response.Headers.RetryAfter?.Delta?.TotalSeconds);
        await ProblemAssert.IsAsync(expected, response);
    }

    [Fact]
    public async Task A_player_in_play_leaves_the_slot_to_calls()
    {
        await using var gateway = await StartAsync("Limits:MaxConnections=1");
        using var player = await OpenAsync(gateway, gateway.Ticket());
        await using var server = await gateway.Server.AcceptedAsync();
        await server.ReadLineAsync();
        await SendAsync(player, "GET_STATE\n");
        Assert.Equal("GET_STATE", await server.ReadLineAsync());

        using var call = await CallAsync(gateway);

        Assert.Equal(HttpStatusCode.OK, call.StatusCode);
    }

    [Fact]
    public async Task A_refused_player_leaves_the_slot_to_calls()
    {
        await using var gateway = await StartAsync("Limits:MaxConnections=1");
        using (var player = await OpenAsync(gateway, "nonsense"))
        {
            Assert.Equal("DENIED malformed\n", (await ReceiveAsync(player)).Text);
        }

        await Eventually.IsAsync(
            "served",
            async _ =>
            {
                using var call = await CallAsync(gateway);
                return call.StatusCode == HttpStatusCode.OK;
            },
            Waits.Patient);
    }

    /// <summary>As an event stream that never ends.</summary>
    private static async Task HoldAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await Task.Delay(Timeout.Infinite, context.RequestAborted);
    }

    private Task<RunningGateway> StartAsync(params string[] settings) => StartAsync(answer: null, settings);

    private Task<RunningGateway> StartAsync(RequestDelegate? answer, params string[] settings) => RunningGateway.StartAsync(
        answer,
        [
            "urls=https://127.0.0.1:0",
            $"Kestrel:Certificates:Default:Path={_certificate.CertificateFile}",
            $"Kestrel:Certificates:Default:KeyPath={_certificate.KeyFile}",
            .. settings,
        ]);

    /// <summary>By the name that the certificate has.</summary>
    private static Uri AddressOf(RunningGateway gateway, string pathAndQuery, string scheme = "https") =>
        new($"{scheme}://localhost:{gateway.Proxy.Address.Port}{pathAndQuery}");

    private Task<HttpResponseMessage> ConnectAsync(
        RunningGateway gateway, string pathAndQuery, string protocol, Action<HttpRequestMessage>? change = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Connect, AddressOf(gateway, pathAndQuery))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { Protocol = protocol },
        };
        change?.Invoke(request);
        return _browser.SendAsync(request, Cancelled);
    }

    private Task<HttpResponseMessage> CallAsync(RunningGateway gateway)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, AddressOf(gateway, "/api/match/events?player_id=p1"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        return _browser.SendAsync(request, Cancelled);
    }

    private async Task<ClientWebSocket> OpenAsync(RunningGateway gateway, string? inQuery, string? inProtocol = null)
    {
        var socket = TestHttp.WebSocketOverHttp2();
        if (inProtocol is not null)
            socket.Options.AddSubProtocol($"gamestack.ticket.{inProtocol}");
        await socket.ConnectAsync(AddressOf(gateway, inQuery is null ? "/play" : $"/play?ticket={inQuery}", "wss"), _browser, Cancelled);
        return socket;
    }
}
