using System.Net;
using GameStack.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GameStack.Tests.Proxy.FrontDoor;

/// <summary>Calls that wait, such as event streams: the stand-in backend begins each answer and never ends it.</summary>
public sealed class CallSlotsTests
{
    private const string TrustLoopback = "TrustedProxies=127.0.0.0/8";
    private const string NoRateLimit = "RateLimit:PlayerCallsPerSecond=0";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_address_holds_its_quarter_of_the_calls_and_others_are_served()
    {
        await using var backend = await StandInBackend.StartAsync(HoldAsync);
        await using var proxy = await RunningProxy.StartAsync(backend, TrustLoopback, NoRateLimit, "Limits:MaxConnections=40");

        using var held = await HeldCalls.OpenAsync(proxy, "203.0.113.7", 10);
        using var refused = await OpenAsync(proxy, "203.0.113.7");
        using var other = await OpenAsync(proxy, "203.0.113.8");

        await ProblemAssert.IsAsync(HttpStatusCode.TooManyRequests, refused);
        Assert.Equal(5, refused.Headers.RetryAfter?.Delta?.TotalSeconds);
        Assert.True(refused.Headers.ConnectionClose);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task A_call_that_ends_leaves_its_slot_to_the_next()
    {
        await using var backend = await StandInBackend.StartAsync(HoldAsync);
        await using var proxy = await RunningProxy.StartAsync(backend, TrustLoopback, NoRateLimit, "Limits:MaxConnections=40");
        using (await HeldCalls.OpenAsync(proxy, "203.0.113.7", 10))
        {
        }

        await Eventually.IsAsync(
            "served",
            async _ =>
            {
                using var response = await OpenAsync(proxy, "203.0.113.7");
                return response.StatusCode == HttpStatusCode.OK;
            },
            Waits.Patient);
    }

    [Fact]
    public async Task The_share_is_a_setting()
    {
        await using var backend = await StandInBackend.StartAsync(HoldAsync);
        await using var proxy = await RunningProxy.StartAsync(
            backend, TrustLoopback, NoRateLimit, "Limits:MaxConnections=40", "Limits:AddressShare=0.5");

        using var held = await HeldCalls.OpenAsync(proxy, "203.0.113.7", 20);
        using var refused = await OpenAsync(proxy, "203.0.113.7");

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
    }

    [Theory]
    [InlineData(40, HttpStatusCode.OK)]
    [InlineData(10, HttpStatusCode.TooManyRequests, "RateLimit:LimitLoopback=true")]
    public async Task A_loopback_client_has_a_share_only_when_that_is_asked_for(int most, HttpStatusCode last, params string[] settings)
    {
        await using var backend = await StandInBackend.StartAsync(HoldAsync);
        await using var proxy = await RunningProxy.StartAsync(backend, [.. settings, NoRateLimit, "Limits:MaxConnections=40"]);

        using var held = await HeldCalls.OpenAsync(proxy, client: null, most - 1);
        using var response = await OpenAsync(proxy, client: null);
        using var next = await OpenAsync(proxy, client: null);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(last == HttpStatusCode.OK ? HttpStatusCode.ServiceUnavailable : last, next.StatusCode);
    }

    [Fact]
    public async Task Probes_are_answered_when_every_slot_is_taken()
    {
        await using var backend = await StandInBackend.StartAsync(HoldAsync);
        await using var proxy = await RunningProxy.StartAsync(backend, NoRateLimit, "Limits:MaxConnections=5");
        await backend.KnownAsync();
        using var held = await HeldCalls.OpenAsync(proxy, client: null, 5);

        using var alive = await proxy.Client.GetAsync("/alive", Cancelled);
        using var ready = await proxy.Client.GetAsync("/health", Cancelled);

        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    private static async Task HoldAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await Task.Delay(Timeout.Infinite, context.RequestAborted);
    }

    private static async Task<HttpResponseMessage> OpenAsync(RunningProxy proxy, string? client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/match/events?player_id=p1");
        if (client is not null)
            request.Headers.Add("X-Forwarded-For", client);
        return await proxy.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
    }

    private sealed class HeldCalls(IReadOnlyList<HttpResponseMessage> calls) : IDisposable
    {
        public static async Task<HeldCalls> OpenAsync(RunningProxy proxy, string? client, int count)
        {
            var calls = new List<HttpResponseMessage>();
            while (calls.Count < count)
            {
                var call = await CallSlotsTests.OpenAsync(proxy, client);
                Assert.Equal(HttpStatusCode.OK, call.StatusCode);
                calls.Add(call);
            }

            return new HeldCalls(calls);
        }

        public void Dispose()
        {
            foreach (var call in calls)
            {
                call.Dispose();
            }
        }
    }
}
