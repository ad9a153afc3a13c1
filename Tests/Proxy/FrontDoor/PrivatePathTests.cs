using System.Net;
using GameStack.Tests.Support;

namespace GameStack.Tests.Proxy.FrontDoor;

public sealed class PrivatePathTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/")]
    [InlineData("/match/join")]
    [InlineData("/nothing/here.json")]
    [InlineData("/cleanup/orphaned-servers")]
    [InlineData("/api/cleanup/orphaned-servers")]
    [InlineData("/api/health")]
    [InlineData("/api/alive")]
    public async Task What_is_not_public_is_a_not_found_problem(string path)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        using var response = await proxy.Client.PostAsync(path, content: null, Cancelled);

        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, response);
        Assert.Empty(backend.Requests);
    }

    [Theory]
    [InlineData("/api/cleanup/orphaned-servers")]
    [InlineData("/api/CLEANUP/orphaned-servers")]
    [InlineData("/API/Cleanup/orphaned-servers/")]
    [InlineData("/api/./cleanup/orphaned-servers")]
    [InlineData("/api//cleanup/orphaned-servers")]
    [InlineData("//api/cleanup/orphaned-servers")]
    [InlineData("/api///cleanup//orphaned-servers")]
    [InlineData("/api/../cleanup/orphaned-servers")]
    [InlineData("/api/match/../cleanup/orphaned-servers")]
    [InlineData("/api/match/join/../../cleanup/orphaned-servers")]
    [InlineData("/api/%63leanup/orphaned-servers")]
    [InlineData("/%61pi/cleanu%70/orphaned-servers")]
    [InlineData("/api/%2563leanup/orphaned-servers")]
    [InlineData("/api/match/%2e%2e/cleanup/orphaned-servers")]
    [InlineData("/api/match/%252e%252e/cleanup/orphaned-servers")]
    [InlineData("/api/match/%25252e%25252e/cleanup/orphaned-servers")]
    [InlineData("/api/match/..%2fcleanup/orphaned-servers")]
    [InlineData("/api/match/..%252fcleanup/orphaned-servers")]
    [InlineData("/api/match%2f..%2fcleanup%2forphaned-servers")]
    [InlineData("/api/%2fcleanup/orphaned-servers")]
    [InlineData("/api/%5ccleanup/orphaned-servers")]
    [InlineData("/api/match/..%5c..%5ccleanup/orphaned-servers")]
    [InlineData("/api\\cleanup\\orphaned-servers")]
    [InlineData("/api/match/..\\cleanup/orphaned-servers")]
    [InlineData("/api/match/.%2e/cleanup/orphaned-servers")]
    [InlineData("/api/;/cleanup/orphaned-servers")]
    [InlineData("/api/match/..;/cleanup/orphaned-servers")]
    [InlineData("/api/cleanup%00/orphaned-servers")]
    [InlineData("/api/%c0%ae%c0%ae/cleanup/orphaned-servers")]
    [InlineData("http://backend/api/match/../cleanup/orphaned-servers")]
    [InlineData("http://backend/cleanup/orphaned-servers")]
    [InlineData("/api?/../cleanup/orphaned-servers")]
    [InlineData("/api/#/../cleanup/orphaned-servers")]
    public async Task No_spelling_of_a_path_leads_to_cleanup(string target)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        var response = await RawHttp.SendAsync(
            proxy.Address,
            $"POST {target} HTTP/1.1\r\nHost: backend\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            Cancelled);

        Assert.StartsWith("HTTP/1.1 ", response);
        Assert.DoesNotContain(backend.Requests, request => LooksLikeCleanup(request.Target));
    }

    [Fact]
    public async Task The_stand_in_backend_does_have_a_cleanup_to_be_reached()
    {
        await using var backend = await StandInBackend.StartAsync();
        using var client = TestHttp.ClientOf(new Uri(backend.Address));

        using var response = await client.PostAsync("/cleanup/orphaned-servers", content: null, Cancelled);

        Assert.True(LooksLikeCleanup(Assert.Single(backend.Requests).Target));
    }

    private static bool LooksLikeCleanup(string target) => target.Split('?')[0].Contains("cleanup", StringComparison.OrdinalIgnoreCase);
}
