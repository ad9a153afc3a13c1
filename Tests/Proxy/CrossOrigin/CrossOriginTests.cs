using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Proxy.CrossOrigin;

public sealed class CrossOriginTests
{
    private const string Join = "/api/match/join";
    private const string Listed = "https://play.example.com";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Cors:Origins=https://play.example.com")]
    [InlineData("Cors:Origins=http://localhost:3000, HTTPS://Play.Example.com:443")]
    [InlineData("Cors:Origins:0=http://localhost:3000", "Cors:Origins:1=https://play.example.com")]
    public async Task A_listed_page_may_call_and_read(params string[] settings)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, settings);

        using var response = await CallAsync(proxy, HttpMethod.Post, Listed);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Listed, Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal("Origin", Header(response, "Vary"));
        Assert.Contains("Retry-After", Header(response, "Access-Control-Expose-Headers"), StringComparison.Ordinal);
        Assert.Contains("WWW-Authenticate", Header(response, "Access-Control-Expose-Headers"), StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task A_preflight_is_answered_without_a_backend()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, $"Cors:Origins={Listed}");

        using var response = await PreflightAsync(proxy, Listed);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(Listed, Header(response, "Access-Control-Allow-Origin"));
        Assert.Contains("POST", Header(response, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Contains("content-type", Header(response, "Access-Control-Allow-Headers"), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("authorization", Header(response, "Access-Control-Allow-Headers"), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("600", Header(response, "Access-Control-Max-Age"));
        Assert.Empty(backend.Requests);
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("http://play.example.com")]
    [InlineData("https://play.example.com:8443")]
    [InlineData("https://play.example.com.evil.example")]
    [InlineData("null")]
    public async Task A_page_that_is_not_listed_gets_nothing(string origin)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, $"Cors:Origins={Listed}");

        using var preflight = await PreflightAsync(proxy, origin);
        using var read = await CallAsync(proxy, HttpMethod.Get, origin);
        using var change = await CallAsync(proxy, HttpMethod.Post, origin);

        Assert.All([preflight, read, change], response =>
        {
            Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
            Assert.Equal("Origin", Header(response, "Vary"));
        });
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, change);
    }

    [Fact]
    public async Task A_cache_does_not_keep_an_answer_to_a_program_for_a_page()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, $"Cors:Origins={Listed}");

        using var response = await CallAsync(proxy, HttpMethod.Get, origin: null);

        Assert.Equal("Origin", Header(response, "Vary"));
    }

    [Theory]
    [InlineData("https://anything.example")]
    [InlineData("null")]
    public async Task With_a_star_every_page_may_call_and_read(string origin)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, "Cors:Origins=*");

        using var response = await CallAsync(proxy, HttpMethod.Post, origin);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("*", Header(response, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_refusal_by_the_rate_limit_can_be_read_by_the_page()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(
            backend, $"Cors:Origins={Listed}", "RateLimit:PermitsPerSecond=1", "RateLimit:Burst=1", "RateLimit:LimitLoopback=true");

        var response = await CallAsync(proxy, HttpMethod.Get, Listed);
        while (response.StatusCode == HttpStatusCode.OK)
        {
            response.Dispose();
            response = await CallAsync(proxy, HttpMethod.Get, Listed);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(Listed, Header(response, "Access-Control-Allow-Origin"));
        response.Dispose();
    }

    [Fact]
    public async Task A_refusal_for_want_of_connections_can_be_read_by_the_page()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, $"Cors:Origins={Listed}", "Limits:MaxConnections=1");
        using var holder = new TcpClient();
        await holder.ConnectAsync(proxy.Address.Host, proxy.Address.Port, Cancelled);

        using var preflight = await PreflightAsync(proxy, Listed);
        using var refused = await CallAsync(proxy, HttpMethod.Post, Listed);

        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, refused);
        Assert.Equal(5, refused.Headers.RetryAfter?.Delta?.TotalSeconds);
        Assert.All([preflight, refused], response =>
        {
            Assert.Equal(Listed, Header(response, "Access-Control-Allow-Origin"));
            Assert.True(response.Headers.ConnectionClose);
        });
        Assert.Empty(backend.Requests);
    }

    [Theory]
    [InlineData("https://play.example.com/")]
    [InlineData("https://play.example.com/game")]
    [InlineData("play.example.com")]
    [InlineData("https://*.example.com")]
    [InlineData("null")]
    [InlineData("https://play.example.com,*")]
    [InlineData("https://play.example.com https://other.example.com")]
    public async Task A_list_with_something_else_is_refused_at_the_start(string origins)
    {
        await using var backend = await StandInBackend.StartAsync();

        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(
            () => RunningProxy.StartAsync(backend, $"Cors:Origins={origins}"));

        Assert.Contains("Cors__Origins", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*", "https://play.example.com", "é", "content-type", 400)]
    [InlineData("*", "https://play.example.com", "POST", "é", 400)]
    [InlineData("https://é.example", "https://é.example", "POST", "content-type", 204)]
    public async Task What_the_answer_cannot_repeat_is_not_repeated(string listed, string origin, string method, string header, int status)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, $"Cors:Origins={listed}");
        var request = $"OPTIONS {Join} HTTP/1.1\r\nHost: {proxy.Address.Authority}\r\nOrigin: {origin}\r\n"
            + $"Access-Control-Request-Method: {method}\r\nAccess-Control-Request-Headers: {header}\r\nConnection: close\r\n\r\n";

        var response = await RawHttp.SendAsync(proxy.Address, Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(request)), Cancelled);

        Assert.Equal(status, RawHttp.StatusOf(response));
    }

    private static async Task<HttpResponseMessage> PreflightAsync(RunningProxy proxy, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, Join);
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        return await proxy.Client.SendAsync(request, Cancelled);
    }

    private static async Task<HttpResponseMessage> CallAsync(RunningProxy proxy, HttpMethod method, string? origin)
    {
        using var request = new HttpRequestMessage(method, Join);
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        return await proxy.Client.SendAsync(request, Cancelled);
    }

    private static string Header(HttpResponseMessage response, string name) => string.Join(',', response.Headers.GetValues(name));
}
