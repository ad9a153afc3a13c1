using System.Net;
using System.Text.Json;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

[Collection(SharedStackCollection.Name)]
public sealed class PublicDoorTests(SharedStack shared) : StackTests(shared)
{
    [Fact]
    public async Task The_proxy_says_that_it_is_healthy()
    {
        Assert.Equal("ok", (await Running.Proxy.GetAsync("health", Cancelled)).Ok().Text("status"));
    }

    [Theory]
    [InlineData("/match/join", "post")]
    [InlineData("/match/leave", "post")]
    [InlineData("/match/status", "get")]
    [InlineData("/match/events", "get")]
    [InlineData("/match/{session_id}/end", "post")]
    [InlineData("/sessions/active", "get")]
    public async Task The_API_describes_its_routes(string route, string method)
    {
        var document = (await Client.GetAsync("openapi/v1.json", Cancelled)).Ok();

        Assert.StartsWith("3.", document.Text("openapi"), StringComparison.Ordinal);
        Assert.True(document.Field("paths").TryGetProperty(route, out var operations), document.Raw);
        Assert.True(operations.TryGetProperty(method, out var operation), operations.GetRawText());
        Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
        Assert.True(operation.GetProperty("responses").TryGetProperty("200", out var ok), operation.GetRawText());
        Assert.Equal(JsonValueKind.Object, ok.GetProperty("content").ValueKind);
    }

    [Fact]
    public async Task The_API_describes_what_a_call_may_carry()
    {
        var paths = (await Client.GetAsync("openapi/v1.json", Cancelled)).Ok().Field("paths");

        foreach (var call in new[] { "/match/join", "/match/leave" })
        {
            var body = paths.GetProperty(call).GetProperty("post").GetProperty("requestBody").GetProperty("content");
            Assert.Equal("application/json", Assert.Single(body.EnumerateObject()).Name);
        }

        var parameters = paths.GetProperty("/match/events").GetProperty("get").GetProperty("parameters").EnumerateArray();
        Assert.Equal(["Last-Event-ID", "player_id"], parameters.Select(parameter => parameter.GetProperty("name").GetString()).Order());
    }

    [Theory]
    [InlineData("cleanup/orphaned-servers")]
    [InlineData("api/cleanup/orphaned-servers")]
    [InlineData("api/Cleanup/Orphaned-Servers")]
    [InlineData("api/%63leanup/orphaned-servers")]
    [InlineData("api/cleanup%2Forphaned-servers")]
    [InlineData("api//cleanup/orphaned-servers")]
    [InlineData("api/cleanup/orphaned-servers/")]
    public async Task Cleaning_up_is_not_for_the_public(string path)
    {
        (await Running.Proxy.PostAsync(path, content: null, Cancelled)).IsProblem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_path_that_leads_nowhere_is_not_found()
    {
        (await Client.GetAsync("no/such/thing", Cancelled)).IsProblem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_call_with_the_wrong_method_is_refused()
    {
        (await Client.GetAsync("match/join", Cancelled)).IsProblem(HttpStatusCode.MethodNotAllowed);
    }
}
