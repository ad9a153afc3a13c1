namespace GameStack.Tests.Proxy.FrontDoor;

public sealed class ForwardedHeadersTests
{
    [Fact]
    public async Task The_backend_is_told_who_called_and_how()
    {
        var recorded = await CallAsync([], []);

        Assert.Equal("127.0.0.1", recorded.Headers["X-Forwarded-For"]);
        Assert.Equal("http", recorded.Headers["X-Forwarded-Proto"]);
        Assert.StartsWith("127.0.0.1:", recorded.Headers["X-Forwarded-Host"]);
        Assert.Equal("/api", recorded.Headers["X-Forwarded-Prefix"]);
    }

    [Fact]
    public async Task What_a_client_says_of_itself_is_not_believed()
    {
        var recorded = await CallAsync(
            [],
            [("X-Forwarded-For", "203.0.113.7"),
                ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Prefix", "/evil"),
             ("Forwarded", "for=203.0.113.7"), ("X-Real-IP", "203.0.113.7")]);

        Assert.Equal("127.0.0.1", recorded.Headers["X-Forwarded-For"]);
        Assert.Equal("http", recorded.Headers["X-Forwarded-Proto"]);
        Assert.StartsWith("127.0.0.1:", recorded.Headers["X-Forwarded-Host"]);
        Assert.Equal("/api", recorded.Headers["X-Forwarded-Prefix"]);
        Assert.DoesNotContain("Forwarded", recorded.Headers.Keys);
        Assert.DoesNotContain("X-Real-IP", recorded.Headers.Keys);
    }

    [Fact]
    public async Task What_a_trusted_load_balancer_says_is_believed_up_to_the_first_address_that_is_not_trusted()
    {
        var recorded = await CallAsync(
            ["TrustedProxies=127.0.0.0/8,10.0.0.0/8"],
            [("X-Forwarded-For", "1.2.3.4, 203.0.113.7, 10.0.0.9"), ("X-Forwarded-Proto", "http, https, https")]);

        Assert.Equal("203.0.113.7", recorded.Headers["X-Forwarded-For"]);
        Assert.Equal("https", recorded.Headers["X-Forwarded-Proto"]);
    }

    private static async Task<RecordedRequest> CallAsync(string[] settings, (string Name, string Value)[] headers)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, settings);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/sessions/active");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await proxy.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return Assert.Single(backend.Requests);
    }
}
