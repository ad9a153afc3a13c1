using System.Net;
using System.Text;

namespace GameStack.Tests.Proxy.FrontDoor;

/// <summary>Calls that no player makes, and that once were answered as if a server had failed.</summary>
public sealed class OddCallTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("CONNECT /api/match/join HTTP/1.1")]
    [InlineData("CONNECT localhost:80 HTTP/1.1")]
    public async Task No_tunnel_is_opened(string line)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        var response = await RawHttp.SendAsync(proxy.Address, $"{line}\r\nHost: localhost:80\r\nConnection: close\r\n\r\n", Cancelled);

        Assert.Equal(405, RawHttp.StatusOf(response));
        Assert.Empty(backend.Requests);
    }

    [Fact]
    public async Task A_header_with_letters_beyond_ASCII_reaches_the_backend_as_it_is()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);
        var header = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes("Zoë 玩家 🎮"));

        var response = await RawHttp.SendAsync(
            proxy.Address, $"GET /api/sessions/active HTTP/1.1\r\nHost: x\r\nX-Player: {header}\r\nConnection: close\r\n\r\n", Cancelled);

        Assert.Equal(200, RawHttp.StatusOf(response));
        Assert.Equal("Zoë 玩家 🎮", Assert.Single(backend.Requests).Headers["X-Player"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("xn--mnchen-3ya.de")]
    [InlineData("a..b:99999")]
    public async Task The_host_that_a_client_names_is_not_the_backends(string host)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        var response = await RawHttp.SendAsync(
            proxy.Address, $"GET /api/sessions/active HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n", Cancelled);

        Assert.Equal(200, RawHttp.StatusOf(response));
        var headers = Assert.Single(backend.Requests).Headers;
        Assert.Equal(new Uri(backend.Address).Authority, headers["Host"]);
        Assert.Equal(host, headers.GetValueOrDefault("X-Forwarded-Host") ?? "");
    }

    [Theory]
    [InlineData("Host: xn--")]
    [InlineData("Host: xn--99999999.example")]
    [InlineData("Host: x\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Host: xn--")]
    [InlineData("Host: xn--\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Host: x")]
    [InlineData("Host: x\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Host: xn--", "ForwardedHeaders_Enabled=true")]
    [InlineData("Host: xn--\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Host: x", "ForwardedHeaders_Enabled=true")]
    public async Task A_host_that_is_none_is_the_callers_mistake(string headers, params string[] settings)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, ["TrustedProxies=127.0.0.0/8", .. settings]);

        foreach (var path in new[] { "/api/match/join", "/play", "/" })
        {
            var response = await RawHttp.SendAsync(
                proxy.Address, $"GET {path} HTTP/1.1\r\n{headers}\r\nOrigin: http://x\r\nConnection: close\r\n\r\n", Cancelled);
            Assert.Equal((int)HttpStatusCode.BadRequest, RawHttp.StatusOf(response));
            Assert.Contains("application/problem+json", response, StringComparison.Ordinal);
        }

        Assert.Empty(backend.Requests);
    }

    [Theory]
    [InlineData("80000000\r\nabc")]
    [InlineData("ffffffffffffffff\r\nabc")]
    [InlineData("zz\r\nabc\r\n0\r\n\r\n")]
    public async Task A_chunk_size_that_is_none_is_the_callers_mistake(string body)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        var response = await RawHttp.SendAsync(
            proxy.Address, $"POST /api/match/join HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{body}", Cancelled);

        Assert.Equal((int)HttpStatusCode.BadRequest, RawHttp.StatusOf(response));
        Assert.Contains("application/problem+json", response, StringComparison.Ordinal);
        Assert.Empty(backend.Requests);
    }
}
