using System.Net;
using System.Net.Sockets;
using System.Text;
using GameStack.Tests.Proxy.Gateway;
using GameStack.Tests.Support;
using LocalServers;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Proxy.Listening.ProxyProtocol;

/// <summary>A proxy that expects PROXY headers from its load balancer: this machine.</summary>
public sealed class ProxyProtocolTests
{
    private const string Call = "GET /api/sessions/active HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    private const string Trusted = "TrustedProxies=127.0.0.0/8,fd00::/8";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("203.0.113.7:51234")]
    [InlineData("[2001:db8::1]:51234")]
    public async Task The_backend_is_told_the_client_that_the_load_balancer_names(string text)
    {
        var client = IPEndPoint.Parse(text);
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await StartAsync(backend);

        foreach (var header in new[] { TestHeaders.Line(client), TestHeaders.Binary(client), TestHeaders.Binary(client, 4, 0, 0) })
        {
            Assert.Equal(200, RawHttp.StatusOf(await SendAsync(proxy, header)));
            Assert.Equal($"{client.Address}", backend.Requests.Last().Headers["X-Forwarded-For"]);
        }
    }

    [Fact]
    public async Task A_header_in_pieces_is_put_together()
    {
        var client = new IPEndPoint(IPAddress.Parse("203.0.113.7"), 51234);
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await StartAsync(backend);

        foreach (var header in new[] { TestHeaders.Line(client), TestHeaders.Binary(client, new byte[40]) })
        {
            Assert.Equal(200, RawHttp.StatusOf(await SendAsync(proxy, header, piece: 1)));
            Assert.Equal("203.0.113.7", backend.Requests.Last().Headers["X-Forwarded-For"]);
        }
    }

    [Fact]
    public async Task A_load_balancer_that_names_no_client_calls_for_itself()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await StartAsync(backend);

        foreach (var header in new[] { TestHeaders.Line("PROXY UNKNOWN"), TestHeaders.Binary(TestHeaders.Local, 0, []) })
        {
            Assert.Equal(200, RawHttp.StatusOf(await SendAsync(proxy, header)));
            Assert.Equal("127.0.0.1", backend.Requests.Last().Headers["X-Forwarded-For"]);
        }
    }

    [Fact]
    public async Task A_connection_of_a_load_balancer_without_a_header_is_closed()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await StartAsync(backend);

        foreach (var header in new[] { [], TestHeaders.Line("PROXY TCP4 1.2.3.4"), TestHeaders.Binary(0x11, 0x11, new byte[12]) })
        {
            Assert.Equal("", await SendAsync(proxy, header));
        }

        Assert.Empty(backend.Requests);
    }

    [Fact]
    public async Task A_second_header_is_not_a_header()
    {
        var client = new IPEndPoint(IPAddress.Parse("203.0.113.7"), 51234);
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await StartAsync(backend);

        Assert.Equal(400, RawHttp.StatusOf(await SendAsync(proxy, [.. TestHeaders.Line(client), .. TestHeaders.Line(client)])));
        Assert.Empty(backend.Requests);
    }

    [Fact]
    public async Task A_load_balancer_that_sends_nothing_is_let_go()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await StartAsync(backend);
        using var connection = new TcpClient();
        await connection.ConnectAsync(proxy.Address.Host, proxy.Address.Port, Cancelled);

        Assert.Equal(0, await connection.GetStream().ReadAsync(new byte[1], Cancelled));
    }

    [Theory]
    [InlineData("10.0.0.0/8")]
    [InlineData("127.0.0.2/32,::1/128")]
    public async Task A_connection_from_elsewhere_is_taken_as_it_is_and_its_header_is_not_believed(string networks)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await StartAsync(backend, $"TrustedProxies={networks}");

        Assert.Equal(200, RawHttp.StatusOf(await SendAsync(proxy, [])));
        Assert.Equal("127.0.0.1", Assert.Single(backend.Requests).Headers["X-Forwarded-For"]);

        var client = new IPEndPoint(IPAddress.Parse("203.0.113.7"), 51234);
        Assert.Equal(400, RawHttp.StatusOf(await SendAsync(proxy, TestHeaders.Line(client))));
        Assert.Equal(400, RawHttp.StatusOf(await SendAsync(proxy, TestHeaders.Binary(client))));
        Assert.Single(backend.Requests);
    }

    [Fact]
    public async Task Other_ports_are_for_probes_without_a_header()
    {
        var port = FreePort.Next();
        await using var gateway = await RunningGateway.StartAsync(Trusted, $"Gateway:Port={port}", $"ProxyProtocol:Ports={port}");

        Assert.Equal(200, RawHttp.StatusOf(await SendAsync(gateway.Proxy, [])));
    }

    [Fact]
    public async Task A_client_behind_the_load_balancer_has_its_share_of_the_connections_and_others_have_the_rest()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await StartAsync(backend, Trusted, "Limits:MaxConnections=8");
        var (greedy, other) = (TestHeaders.Line(IPEndPoint.Parse("203.0.113.7:1")), TestHeaders.Line(IPEndPoint.Parse("203.0.113.8:1")));
        using (await HoldAsync(proxy, greedy))
        {
            using var second = await HoldAsync(proxy, greedy);

            Assert.Equal(429, RawHttp.StatusOf(await SendAsync(proxy, greedy)));
            Assert.Equal(200, RawHttp.StatusOf(await SendAsync(proxy, other)));
        }

        await Eventually.IsAsync(
            "a connection of the client is free again", async _ => RawHttp.StatusOf(await SendAsync(proxy, greedy)) == 200, Waits.Patient);
    }

    [Fact]
    public async Task The_rate_limit_counts_the_clients_and_not_the_load_balancer()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await StartAsync(backend, Trusted, "RateLimit:PermitsPerSecond=1", "RateLimit:Burst=1");
        var (greedy, other) = (TestHeaders.Line(IPEndPoint.Parse("203.0.113.7:1")), TestHeaders.Line(IPEndPoint.Parse("203.0.113.8:1")));

        var codes = new HashSet<int>();
        while (!codes.Contains(429))
        {
            codes.Add(RawHttp.StatusOf(await SendAsync(proxy, greedy)));
        }

        Assert.Equal(200, RawHttp.StatusOf(await SendAsync(proxy, other)));
    }

    [Fact]
    public async Task A_client_behind_the_load_balancer_cannot_name_another_one()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await StartAsync(backend);
        var client = new IPEndPoint(IPAddress.Parse("203.0.113.7"), 51234);

        var call = Call.Replace("Host", "X-Forwarded-For: 1.2.3.4\r\nHost", StringComparison.Ordinal);
        await SendAsync(proxy, TestHeaders.Binary(client), call: call);

        Assert.Equal("203.0.113.7", Assert.Single(backend.Requests).Headers["X-Forwarded-For"]);
    }

    [Theory]
    [InlineData("ProxyProtocol:Ports=8080")]
    [InlineData("ProxyProtocol:Ports=true", Trusted)]
    [InlineData("ProxyProtocol:Ports=0", Trusted)]
    [InlineData("ProxyProtocol:Ports=8080,65536", Trusted)]
    [InlineData("ProxyProtocol:Ports=8080;8443", Trusted)]
    [InlineData("ProxyProtocol:Ports=7777", Trusted)]
    public async Task A_wrong_setting_is_refused_at_the_start(params string[] settings)
    {
        await using var backend = await StandInBackend.StartAsync();

        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => RunningProxy.StartAsync(backend, settings));

        Assert.Contains("ProxyProtocol__Ports", refusal.Message, StringComparison.Ordinal);
    }

    private static Task<RunningProxy> StartAsync(StandInBackend backend, params string[] settings)
    {
        var port = FreePort.Next();
        return RunningProxy.StartAsync(
            backend, [.. settings.Length == 0 ? [Trusted] : settings, $"urls=http://127.0.0.1:{port}", $"ProxyProtocol:Ports={port}"]);
    }

    /// <summary>A connection that stays open after its call was answered.</summary>
    private static async Task<TcpClient> HoldAsync(RunningProxy proxy, byte[] header)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync(proxy.Address.Host, proxy.Address.Port, Cancelled);
        await connection.GetStream().WriteAsync((byte[])[.. header, .. "GET /alive HTTP/1.1\r\nHost: x\r\n\r\n"u8], Cancelled);
        Assert.True(await connection.GetStream().ReadAsync(new byte[1], Cancelled) > 0);
        return connection;
    }

    /// <summary>Sends the header, in pieces of so many bytes, and a call, and returns all that comes back.</summary>
    private static async Task<string> SendAsync(RunningProxy proxy, byte[] header, int piece = int.MaxValue, string call = Call)
    {
        using var connection = new TcpClient { NoDelay = true };
        await connection.ConnectAsync(proxy.Address.Host, proxy.Address.Port, Cancelled);
        var stream = connection.GetStream();
        try
        {
            // The last piece with the call: a wrong header alone is answered, and then the call would meet a closed connection.
            var last = Math.Max(0, header.Length - piece);
            foreach (var part in header[..last].Chunk(piece))
            {
                await stream.WriteAsync(part, Cancelled);
            }

            await stream.WriteAsync((byte[])[.. header[last..], .. Encoding.ASCII.GetBytes(call)], Cancelled);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            return await reader.ReadToEndAsync(Cancelled);
        }
        catch (IOException)
        {
            return ""; // Closed with a reset, because not everything was read.
        }
    }
}
