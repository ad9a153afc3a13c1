using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Http;

namespace GameStack.Tests.Proxy.Forwarding;

public sealed class ForwardingTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/api/match/status?player_id=p%201%2F2&wait=30", "/match/status?player_id=p%201%2F2&wait=30")]
    [InlineData("POST", "/api/match/join", "/match/join")]
    [InlineData("POST", "/api/match/0b9c7b5e-55a5-4c59-9d3e-2b1f2d8f0a11/end", "/match/0b9c7b5e-55a5-4c59-9d3e-2b1f2d8f0a11/end")]
    [InlineData("DELETE", "/api/match/leave?player_id=p1", "/match/leave?player_id=p1")]
    [InlineData("GET", "/api/sessions/active", "/sessions/active")]
    [InlineData("GET", "/api/openapi/v1.json", "/openapi/v1.json")]
    [InlineData("GET", "/api/docs", "/docs")]
    public async Task A_call_below_api_reaches_the_backend_without_the_prefix(string method, string target, string expected)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        using var response = await proxy.Client.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var recorded = Assert.Single(backend.Requests);
        Assert.Equal((method, expected), (recorded.Method, recorded.Target));
    }

    [Fact]
    public async Task Body_and_content_type_arrive_as_they_were_sent()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        using var response = await proxy.Client.PostAsync("/api/match/join", JsonContent.Create(new { player_id = "p1" }), Cancelled);

        var recorded = Assert.Single(backend.Requests);
        Assert.Equal("""{"player_id":"p1"}""", recorded.Body);
        Assert.Equal("application/json; charset=utf-8", recorded.Headers["Content-Type"]);
    }

    [Fact]
    public async Task A_chunked_body_arrives_with_its_length()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/match/join") { Content = new StringContent("chunked body") };
        request.Headers.TransferEncodingChunked = true;
        using var response = await proxy.Client.SendAsync(request, Cancelled);

        var recorded = Assert.Single(backend.Requests);
        Assert.Equal("chunked body", recorded.Body);
        Assert.Equal("12", recorded.Headers["Content-Length"]);
        Assert.DoesNotContain("Transfer-Encoding", recorded.Headers.Keys);
    }

    [Fact]
    public async Task The_backends_answer_comes_back_as_it_is_but_without_its_server_header()
    {
        await using var backend = await StandInBackend.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status409Conflict;
            context.Response.ContentType = "application/problem+json";
            context.Response.Headers["X-Match"] = "yes";
            return context.Response.WriteAsync("""{"title":"no"}""");
        });
        await using var proxy = await RunningProxy.StartAsync(backend);

        using var response = await proxy.Client.GetAsync("/api/match/status?player_id=p1", Cancelled);

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal("""{"title":"no"}""", await response.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal("yes", Assert.Single(response.Headers.GetValues("X-Match")));
        Assert.Empty(response.Headers.Server);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task Load_is_spread_over_all_backends()
    {
        await using var first = await StandInBackend.StartAsync();
        await using var second = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync([first.Address, second.Address]);

        for (var i = 0; i < 60; i++)
        {
            using var response = await proxy.Client.GetAsync("/api/sessions/active", Cancelled);
        }

        Assert.Equal(60, first.Requests.Count + second.Requests.Count);
        Assert.NotEmpty(first.Requests);
        Assert.NotEmpty(second.Requests);
    }
}
