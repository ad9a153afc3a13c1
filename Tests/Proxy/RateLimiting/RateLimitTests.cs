using System.Net;

namespace GameStack.Tests.Proxy.RateLimiting;

public sealed class RateLimitTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_over_its_limit_is_told_when_to_come_back_and_others_are_not_affected()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(
            backend, "RateLimit:PermitsPerSecond=1", "RateLimit:Burst=2", "TrustedProxies=127.0.0.0/8");

        using var rejected = await CallUntilRejectedAsync(proxy, "203.0.113.7");
        using var other = await CallAsync(proxy, "203.0.113.8");

        await ProblemAssert.IsAsync(HttpStatusCode.TooManyRequests, rejected);
        Assert.InRange(rejected.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0, 1, 2);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task All_addresses_of_an_IPv6_network_share_a_limit()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(
            backend, "RateLimit:PermitsPerSecond=1", "RateLimit:Burst=1", "TrustedProxies=127.0.0.0/8");

        var statuses = new HashSet<HttpStatusCode>();
        for (var host = 1; host < 1000 && !statuses.Contains(HttpStatusCode.TooManyRequests); host++)
        {
            using var response = await CallAsync(proxy, $"2001:db8:1:2::{host:x}");
            statuses.Add(response.StatusCode);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
    }

    [Fact]
    public async Task A_client_with_many_IPv6_networks_has_a_limit_and_others_are_not_affected()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(
            backend, "RateLimit:PermitsPerSecond=1", "RateLimit:Burst=1", "TrustedProxies=127.0.0.0/8");

        var statuses = new HashSet<HttpStatusCode>();
        for (var network = 1; network < 1000 && !statuses.Contains(HttpStatusCode.TooManyRequests); network++)
        {
            using var response = await CallAsync(proxy, $"2001:db8:1:{network:x}::1");
            statuses.Add(response.StatusCode);
        }

        using var other = await CallAsync(proxy, "2001:db8:2::1");

        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task A_network_over_its_limit_takes_nothing_from_its_neighbours()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(
            backend, "RateLimit:PermitsPerSecond=15", "RateLimit:Burst=15", "TrustedProxies=127.0.0.0/8");

        using (await CallUntilRejectedAsync(proxy, "2001:db8:1:1::1"))
        {
            using var neighbour = await CallAsync(proxy, "2001:db8:1:2::1");
            Assert.Equal(HttpStatusCode.OK, neighbour.StatusCode);
        }
    }

    /// <summary>The end of a match that is not there costs a backend a query in Postgres.</summary>
    [Fact]
    public async Task Ends_of_matches_weigh_more_than_polls()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(
            backend, "RateLimit:PermitsPerSecond=15", "RateLimit:Burst=1500", "TrustedProxies=127.0.0.0/8");

        var begun = TimeProvider.System.GetTimestamp();
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 200; i++)
        {
            using var end = await CallAsync(proxy, "203.0.113.7", HttpMethod.Post, $"/api/match/{Guid.NewGuid()}/end");
            answers.Add(end.StatusCode);
        }

        var seconds = TimeProvider.System.GetElapsedTime(begun).TotalSeconds;
        Assert.InRange(answers.Count(answer => answer == HttpStatusCode.OK), 100, 101 + seconds);
        for (var i = 0; i < 200; i++)
        {
            using var poll = await CallAsync(proxy, "203.0.113.7", HttpMethod.Get, $"/api/match/status?player_id=p{i}");
            Assert.Equal(HttpStatusCode.OK, poll.StatusCode);
        }
    }

    [Fact]
    public async Task Loopback_clients_are_not_limited()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, "RateLimit:PermitsPerSecond=1", "RateLimit:Burst=1");

        for (var i = 0; i < 50; i++)
        {
            using var response = await CallAsync(proxy, client: null);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task Loopback_clients_are_limited_when_that_is_asked_for()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(
            backend, "RateLimit:PermitsPerSecond=1", "RateLimit:Burst=1", "RateLimit:LimitLoopback=true");

        using var rejected = await CallUntilRejectedAsync(proxy, client: null);

        Assert.Equal(HttpStatusCode.TooManyRequests, rejected.StatusCode);
    }

    [Fact]
    public async Task Probes_are_never_limited()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(
            backend, "RateLimit:PermitsPerSecond=1", "RateLimit:Burst=1", "RateLimit:LimitLoopback=true");

        for (var i = 0; i < 50; i++)
        {
            using var response = await proxy.Client.GetAsync("/alive", Cancelled);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    private static async Task<HttpResponseMessage> CallUntilRejectedAsync(RunningProxy proxy, string? client)
    {
        for (var i = 0; i < 1000; i++)
        {
            var response = await CallAsync(proxy, client);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
                return response;
            response.Dispose();
        }

        throw new InvalidOperationException("1000 calls in a row were let through at 1 a second.");
    }

    private static Task<HttpResponseMessage> CallAsync(RunningProxy proxy, string? client) =>
        CallAsync(proxy, client, HttpMethod.Get, "/api/sessions/active");

    private static async Task<HttpResponseMessage> CallAsync(RunningProxy proxy, string? client, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        if (client is not null)
            request.Headers.Add("X-Forwarded-For", client);
        return await proxy.Client.SendAsync(request, Cancelled);
    }
}
