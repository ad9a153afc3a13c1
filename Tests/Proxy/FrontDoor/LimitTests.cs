using System.Net;

namespace GameStack.Tests.Proxy.FrontDoor;

public sealed class LimitTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_over_the_limit_is_refused_before_a_backend_hears_of_it(bool chunked)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/match/join");
        request.Content = new ByteArrayContent(new byte[(16 * 1024) + 1]);
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await proxy.Client.SendAsync(request, Cancelled);

        await ProblemAssert.IsAsync(HttpStatusCode.RequestEntityTooLarge, response);
        Assert.Empty(backend.Requests);
    }

    [Fact]
    public async Task A_body_at_the_limit_passes()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        using var response = await proxy.Client.PostAsync("/api/match/join", new ByteArrayContent(new byte[16 * 1024]), Cancelled);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(16 * 1024, Assert.Single(backend.Requests).Body.Length);
    }

    [Fact]
    public async Task Headers_over_the_limit_are_answered_431()
    {
        var response = await SendRawAsync($"GET /api/sessions/active HTTP/1.1\r\nHost: x\r\nX-Long: {new string('a', 17 * 1024)}\r\n\r\n");

        Assert.Equal(431, RawHttp.StatusOf(response));
    }

    [Fact]
    public async Task Too_many_headers_are_answered_431()
    {
        var headers = string.Concat(Enumerable.Range(0, 70).Select(i => $"X-{i}: y\r\n"));
        var response = await SendRawAsync($"GET /api/sessions/active HTTP/1.1\r\nHost: x\r\n{headers}\r\n");

        Assert.Equal(431, RawHttp.StatusOf(response));
    }

    [Fact]
    public async Task A_request_line_over_the_limit_is_answered_414()
    {
        var response = await SendRawAsync($"GET /api/match/status?player_id={new string('a', 5000)} HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.Equal(414, RawHttp.StatusOf(response));
    }

    [Fact]
    public async Task A_client_that_does_not_finish_its_headers_is_let_go()
    {
        var response = await SendRawAsync("GET /api/sessions/active HTTP/1.1\r\nHost: x\r\nX-Slow: ", "Limits:HeadersTimeout=00:00:01");

        Assert.Equal(408, RawHttp.StatusOf(response));
    }

    [Fact]
    public async Task Two_lengths_for_one_body_are_refused()
    {
        var response = await SendRawAsync(
            "POST /api/match/join HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde");

        Assert.Equal(400, RawHttp.StatusOf(response));
    }

    private static async Task<string> SendRawAsync(string request, params string[] settings)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, settings);
        var response = await RawHttp.SendAsync(proxy.Address, request, Cancelled);
        Assert.Empty(backend.Requests);
        return response;
    }
}
