using System.Net;
using System.Net.Http.Json;
using LocalServers;
using Microsoft.AspNetCore.Http;

namespace GameStack.Tests.Proxy.Forwarding;

public sealed class FailureTests
{
    private const string SlowProbes = "Forwarding:ProbeInterval=01:00:00";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_backend_to_connect_to_the_answer_is_503_and_when_to_come_back()
    {
        await using var proxy = await RunningProxy.StartAsync([ClosedAddress()]);

        using var response = await proxy.Client.PostAsync("/api/match/join", JsonContent.Create(new { player_id = "p1" }), Cancelled);

        await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, response);
        Assert.Equal(1, response.Headers.RetryAfter?.Delta?.TotalSeconds);
    }

    [Fact]
    public async Task A_backend_that_does_not_take_the_connection_in_time_is_503_as_well()
    {
        using var full = new FullListener();
        await using var proxy = await RunningProxy.StartAsync([full.Address], SlowProbes, "Forwarding:ConnectTimeout=00:00:00.2");

        using var response = await proxy.Client.GetAsync("/api/sessions/active", Cancelled);

        await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, response);
    }

    [Fact]
    public async Task A_backend_that_is_silent_for_too_long_is_504_and_is_not_asked_twice()
    {
        await using var backend = await StandInBackend.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var proxy = await RunningProxy.StartAsync(backend, "Forwarding:ActivityTimeout=00:00:05");

        using var response = await proxy.Client.GetAsync("/api/match/status?player_id=p1", Cancelled);

        await ProblemAssert.IsAsync(HttpStatusCode.GatewayTimeout, response);
        Assert.Single(backend.Requests);
    }

    [Fact]
    public async Task A_broken_call_that_must_not_be_repeated_is_502_and_was_sent_once()
    {
        await using var first = await StandInBackend.StartAsync(BreakOff);
        await using var second = await StandInBackend.StartAsync(BreakOff);
        await using var proxy = await RunningProxy.StartAsync([first.Address, second.Address], SlowProbes);

        using var response = await proxy.Client.PostAsync("/api/other", JsonContent.Create(new { player_id = "p1" }), Cancelled);

        await ProblemAssert.IsAsync(HttpStatusCode.BadGateway, response);
        Assert.Single(first.Requests.Concat(second.Requests));
    }

    [Fact]
    public async Task An_answer_that_is_no_HTTP_is_502()
    {
        await using var backend = await StandInBackend.StartAsync(BreakOff);
        await using var proxy = await RunningProxy.StartAsync(backend, SlowProbes);

        using var response = await proxy.Client.GetAsync("/api/sessions/active", Cancelled);

        await ProblemAssert.IsAsync(HttpStatusCode.BadGateway, response);
    }

    [Theory]
    [InlineData("POST", "/api/match/join")]
    [InlineData("POST", "/api/match/leave")]
    [InlineData("POST", "/api/match/0b9c7b5e-55a5-4c59-9d3e-2b1f2d8f0a11/end")]
    [InlineData("GET", "/api/match/status?player_id=p1")]
    public async Task A_broken_call_that_may_be_repeated_goes_to_the_other_backend_with_its_body(string method, string target)
    {
        await using var broken = await StandInBackend.StartAsync(BreakOff);
        await using var sound = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync([broken.Address, sound.Address], SlowProbes);

        // Which backend comes first is chance: call until the broken one has been met.
        for (var i = 0; i < 200 && broken.Requests.Count == 0; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), target);
            if (method == "POST")
                request.Content = JsonContent.Create(new { player_id = "p1" });
            using var response = await proxy.Client.SendAsync(request, Cancelled);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        var lost = Assert.Single(broken.Requests);
        Assert.Equal((lost.Target, lost.Body), (sound.Requests.Last().Target, sound.Requests.Last().Body));
        Assert.Equal(method == "POST" ? """{"player_id":"p1"}""" : "", lost.Body);
    }

    [Fact]
    public async Task A_call_that_reached_nobody_goes_to_the_other_backend_whatever_it_is()
    {
        await using var sound = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync([ClosedAddress(), sound.Address], SlowProbes);

        for (var i = 0; i < 40; i++)
        {
            using var response = await proxy.Client.PostAsync("/api/other", JsonContent.Create(new { number = i }), Cancelled);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(Enumerable.Range(0, 40).Select(i => $$"""{"number":{{i}}}"""), sound.Requests.Select(request => request.Body));
    }

    [Fact]
    public async Task An_answer_that_has_begun_is_never_begun_again()
    {
        using var clientHasHalf = new SemaphoreSlim(0);
        await using var backend = await StandInBackend.StartAsync(async context =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("half of it");
            await context.Response.Body.FlushAsync();
            await clientHasHalf.WaitAsync(context.RequestAborted);
            context.Abort();
        });
        await using var proxy = await RunningProxy.StartAsync(backend, SlowProbes);

        using var response = await proxy.Client.GetAsync("/api/sessions/active", HttpCompletionOption.ResponseHeadersRead, Cancelled);
        await using var body = await response.Content.ReadAsStreamAsync(Cancelled);
        await body.ReadExactlyAsync(new byte["half of it".Length], Cancelled);
        clientHasHalf.Release();

        await Assert.ThrowsAnyAsync<IOException>(() => body.ReadExactlyAsync(new byte[1], Cancelled).AsTask());

        Assert.Single(backend.Requests);
    }

    private static Task BreakOff(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    /// <summary>Connections to it are refused.</summary>
    private static string ClosedAddress() => $"http://127.0.0.1:{FreePort.Next()}";
}
