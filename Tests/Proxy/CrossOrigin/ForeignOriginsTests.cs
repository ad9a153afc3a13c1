using System.Net;
using System.Text;

namespace GameStack.Tests.Proxy.CrossOrigin;

public sealed class ForeignOriginsTests
{
    private const string End = "/api/match/0b9c7b5e-55a5-4c59-9d3e-2b1f2d8f0a11/end";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", "/api/match/join")]
    [InlineData("POST", "/api/match/leave")]
    [InlineData("POST", End)]
    [InlineData("PUT", "/api/anything/that/comes/later")]
    [InlineData("PATCH", "/api/anything")]
    [InlineData("DELETE", "/api/anything")]
    [InlineData("QUERY", "/api/anything")]
    public async Task A_call_that_changes_something_is_refused_to_a_page_of_another_origin(string method, string target)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        using var response = await CallAsync(proxy, "https://evil.example", method, target);

        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, response);
        Assert.Empty(backend.Requests);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("file://")]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("http://localhost:{port}")]
    [InlineData("ftp://127.0.0.1:{port}")]
    [InlineData("http://127.0.0.1:{port}.evil.example")]
    [InlineData("http://127.0.0.1:{port}@evil.example")]
    [InlineData("http://127.0.0.1:{port},https://evil.example")]
    [InlineData("http://127.0.0.1:{port}/")]
    public async Task Only_the_address_that_was_called_is_an_own_origin(string origin)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        using var response = await CallAsync(proxy, origin);

        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, response);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://127.0.0.1:{port}")]
    [InlineData("HTTP://127.0.0.1:{port}")]
    [InlineData("https://127.0.0.1:{port}")]
    public async Task Own_pages_and_programs_that_are_no_browsers_are_served(string? origin)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        using var response = await CallAsync(proxy, origin);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Single(backend.Requests);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    public async Task A_call_that_only_reads_is_served_without_showing_its_answer_to_the_page(string method)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        using var response = await CallAsync(proxy, "https://evil.example", method);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False(response.Headers.Contains("Vary"));
    }

    [Theory]
    [InlineData("https://game.example.com", HttpStatusCode.OK)]
    [InlineData("http://game.example.com", HttpStatusCode.Forbidden)]
    [InlineData("https://game.example.com:8443", HttpStatusCode.Forbidden)]
    public async Task Behind_a_trusted_load_balancer_the_own_origin_is_the_public_address(string origin, HttpStatusCode expected)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, "TrustedProxies=127.0.0.0/8");

        using var request = new HttpRequestMessage(HttpMethod.Post, End);
        request.Headers.Add("Origin", origin);
        request.Headers.Add("X-Forwarded-For", "203.0.113.7");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "game.example.com");
        using var response = await proxy.Client.SendAsync(request, Cancelled);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task A_page_cannot_choose_the_address_that_counts_as_own()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        using var request = new HttpRequestMessage(HttpMethod.Post, End);
        request.Headers.Add("Origin", "https://evil.example");
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        request.Headers.Add("X-Forwarded-Proto", "https");
        using var response = await proxy.Client.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{port}", true)]
    [InlineData("https://game.example.com", false)]
    public async Task Only_own_pages_send_an_operators_cookie(string origin, bool isSent)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, "Cors:Origins=https://game.example.com");

        using var request = new HttpRequestMessage(HttpMethod.Post, End);
        request.Headers.Add("Origin", origin.Replace("{port}", $"{proxy.Address.Port}", StringComparison.Ordinal));
        request.Headers.Add("Cookie", "gamestack-operator=1");
        using var response = await proxy.Client.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(isSent, Assert.Single(backend.Requests).Headers.ContainsKey("Cookie"));
    }

    [Fact]
    public async Task Two_origins_are_none()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);
        var own = proxy.Address.GetLeftPart(UriPartial.Authority);

        var response = await RawHttp.SendAsync(
            proxy.Address,
            $"POST {End} HTTP/1.1\r\nHost: {proxy.Address.Authority}\r\nOrigin: {own}\r\nOrigin: https://evil.example\r\n"
            + "Content-Length: 0\r\nConnection: close\r\n\r\n",
            Cancelled);

        Assert.Equal(403, RawHttp.StatusOf(response));
    }

    [Theory]
    [InlineData("https://xn--é.com")]
    [InlineData("https://א1.com")]
    public async Task A_name_that_cannot_be_a_host_is_a_foreign_origin(string origin)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, "Cors:Origins=https://play.example.com");
        var bytes = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(origin));

        var read = await RawHttp.SendAsync(proxy.Address, Request("GET"), Cancelled);
        var change = await RawHttp.SendAsync(proxy.Address, Request("POST"), Cancelled);

        Assert.Equal((200, 403), (RawHttp.StatusOf(read), RawHttp.StatusOf(change)));

        string Request(string method) =>
            $"{method} {End} HTTP/1.1\r\nHost: {proxy.Address.Authority}\r\nOrigin: {bytes}\r\n"
            + "Content-Length: 0\r\nConnection: close\r\n\r\n";
    }

    private static async Task<HttpResponseMessage> CallAsync(
        RunningProxy proxy, string? origin, string method = "POST", string target = End)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        if (origin is not null)
            request.Headers.TryAddWithoutValidation("Origin", origin.Replace("{port}", $"{proxy.Address.Port}", StringComparison.Ordinal));
        return await proxy.Client.SendAsync(request, Cancelled);
    }
}
