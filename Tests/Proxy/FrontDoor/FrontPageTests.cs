using System.Net;

namespace GameStack.Tests.Proxy.FrontDoor;

public sealed class FrontPageTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_root_says_in_one_line_what_this_is_and_where_the_API_is_described()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        using var response = await proxy.Client.GetAsync("/", Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(1, text.Count(letter => letter == '\n'));
        Assert.EndsWith("\n", text);
        Assert.Contains("GameStack", text, StringComparison.Ordinal);
        Assert.Contains(" /api/docs ", text, StringComparison.Ordinal);
        Assert.Contains(" /api/openapi/v1.json ", text, StringComparison.Ordinal);
        Assert.Empty(backend.Requests);
    }

    [Fact]
    public async Task A_check_of_the_root_needs_no_body()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        using var request = new HttpRequestMessage(HttpMethod.Head, "/");
        using var response = await proxy.Client.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
