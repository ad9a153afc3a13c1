using System.Net;
using Microsoft.AspNetCore.Http;

namespace GameStack.Tests.Proxy.Forwarding;

public sealed class SearchedCallTests
{
    private const string Status = "/api/match/status?player_id=p1";
    private const string End = "/api/match/0b9c7b5e-55a5-4c59-9d3e-2b1f2d8f0a11/end";
    private const string Leave = "/api/match/leave";
    private const string Body = """{"player_id":"p1"}""";
    private const string QuickProbes = "Forwarding:ProbeInterval=00:00:00.1";
    private const string Unknown = """{"detail":"No such player."}""";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Status)]
    [InlineData("/api/match/events?player_id=p1")]
    public async Task A_player_whom_only_a_degraded_backend_knows_is_found(string target)
    {
        await using var sound = await StandInBackend.StartAsync(AnswerUnknownAsync);
        await using var knowing = await StandInBackend.StartAsync(AnswerPendingAsync);
        knowing.SetDegraded(true);
        await using var proxy = await RunningProxy.StartAsync([sound.Address, knowing.Address], QuickProbes);
        await knowing.KnownAsync();

        using var response = await proxy.Client.GetAsync(target, Cancelled);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("pending", await response.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("knowing", Assert.Single(response.Headers.GetValues("X-Answer")));
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Single(sound.Requests);
        Assert.Equal(sound.Requests.Single().Target, Assert.Single(knowing.Requests).Target);
    }

    [Fact]
    public async Task A_player_whom_one_of_several_degraded_backends_knows_is_found_from_everywhere()
    {
        await using var first = await StandInBackend.StartAsync(AnswerUnknownAsync);
        await using var second = await StandInBackend.StartAsync(AnswerUnknownAsync);
        await using var knowing = await StandInBackend.StartAsync(AnswerPendingAsync);
        await using var proxy = await StartDegradedAsync(first, second, knowing);

        for (var i = 0; i < 20; i++)
        {
            using var response = await proxy.Client.GetAsync(Status, Cancelled);
            Assert.Equal("pending", await response.Content.ReadAsStringAsync(Cancelled));
        }
    }

    [Fact]
    public async Task A_player_whom_no_backend_knows_is_404_after_each_was_asked_once()
    {
        await using var sound = await StandInBackend.StartAsync(AnswerUnknownAsync);
        await using var degraded = await StandInBackend.StartAsync(AnswerUnknownAsync);
        degraded.SetDegraded(true);
        await using var proxy = await RunningProxy.StartAsync([sound.Address, degraded.Address], QuickProbes);
        await degraded.KnownAsync();

        using var response = await proxy.Client.GetAsync(Status, Cancelled);

        await AssertUnknownAsync(response);
        Assert.Single(sound.Requests);
        Assert.Single(degraded.Requests);
    }

    [Fact]
    public async Task A_backend_that_fails_the_call_may_know_the_player()
    {
        await using var sound = await StandInBackend.StartAsync(AnswerUnknownAsync);
        await using var broken = await StandInBackend.StartAsync(AbortAsync);
        broken.SetDegraded(true);
        await using var proxy = await RunningProxy.StartAsync([sound.Address, broken.Address], QuickProbes);
        await broken.KnownAsync();

        using var response = await proxy.Client.GetAsync(Status, Cancelled);

        await ProblemAssert.IsAsync(HttpStatusCode.BadGateway, response);
        Assert.Single(sound.Requests);
    }

    [Fact]
    public async Task Without_a_degraded_backend_a_404_is_answered_at_once()
    {
        await using var first = await StandInBackend.StartAsync(AnswerUnknownAsync);
        await using var second = await StandInBackend.StartAsync(AnswerUnknownAsync);
        await using var proxy = await RunningProxy.StartAsync([first.Address, second.Address], QuickProbes);
        await first.KnownAsync();

        using var response = await proxy.Client.GetAsync(Status, Cancelled);

        await AssertUnknownAsync(response);
        Assert.Single(first.Requests.Concat(second.Requests));
    }

    [Theory]
    [InlineData("PUT", End)]
    [InlineData("GET", Leave)]
    [InlineData("GET", "/api/docs")]
    public async Task A_404_of_another_call_is_answered_at_once(string method, string target)
    {
        await using var sound = await StandInBackend.StartAsync(AnswerUnknownAsync);
        await using var degraded = await StandInBackend.StartAsync(AnswerPendingAsync);
        degraded.SetDegraded(true);
        await using var proxy = await RunningProxy.StartAsync([sound.Address, degraded.Address], QuickProbes);
        await degraded.KnownAsync();

        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        using var response = await proxy.Client.SendAsync(request, Cancelled);

        await AssertUnknownAsync(response);
        Assert.Empty(degraded.Requests);
    }

    /// <summary>What a degraded backend does with its memory is final, except that Redis may have an earlier join, too.</summary>
    [Theory]
    [InlineData(End, 200, false, "degraded")]
    [InlineData(End, 404, true, "sound")]
    [InlineData(End, 503, true, "sound")]
    [InlineData(End, 403, false, "degraded")]
    [InlineData(Leave, 200, true, "sound")]
    [InlineData(Leave, 503, true, "sound")]
    [InlineData(Leave, 409, false, "degraded")]
    public async Task A_leave_and_an_end_go_to_degraded_backends_first(string target, int status, bool goesOn, string answering)
    {
        await using var sound = await StandInBackend.StartAsync(context => context.Response.WriteAsync("sound"));
        await using var degraded = await StandInBackend.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("degraded");
        });
        degraded.SetDegraded(true);
        await using var proxy = await RunningProxy.StartAsync([sound.Address, degraded.Address], QuickProbes);
        await degraded.KnownAsync();

        using var response = await PostAsync(proxy, target);

        Assert.Equal(answering, await response.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal(goesOn ? 200 : status, (int)response.StatusCode);
        Assert.Equal(Body, Assert.Single(degraded.Requests).Body);
        Assert.Equal(goesOn ? [Body] : [], sound.Requests.Select(request => request.Body));
    }

    [Theory]
    [InlineData(End)]
    [InlineData(Leave)]
    public async Task A_leave_and_an_end_reach_the_one_degraded_backend_that_can_do_it(string target)
    {
        static Task AnswerUnavailableAsync(HttpContext context)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        }

        await using var first = await StandInBackend.StartAsync(AnswerUnavailableAsync);
        await using var second = await StandInBackend.StartAsync(AnswerUnavailableAsync);
        await using var knowing = await StandInBackend.StartAsync();
        await using var proxy = await StartDegradedAsync(first, second, knowing);

        for (var i = 1; i <= 10; i++)
        {
            using var response = await PostAsync(proxy, target);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(i, knowing.Requests.Count);
        }
    }

    /// <summary>One that fails the call may have done it.</summary>
    [Fact]
    public async Task A_degraded_backend_that_fails_an_end_ends_the_search()
    {
        await using var sound = await StandInBackend.StartAsync();
        await using var broken = await StandInBackend.StartAsync(AbortAsync);
        broken.SetDegraded(true);
        await using var proxy = await RunningProxy.StartAsync([sound.Address, broken.Address], QuickProbes);
        await broken.KnownAsync();

        using var response = await PostAsync(proxy, End);

        await ProblemAssert.IsAsync(HttpStatusCode.BadGateway, response);
        Assert.Empty(sound.Requests);
    }

    /// <summary>A proxy that knows that all its backends are degraded.</summary>
    private static async Task<RunningProxy> StartDegradedAsync(params StandInBackend[] backends)
    {
        foreach (var backend in backends)
        {
            backend.SetDegraded(true);
        }

        var proxy = await RunningProxy.StartAsync([.. backends.Select(backend => backend.Address)], QuickProbes);
        await backends[^1].KnownAsync();
        return proxy;
    }

    private static Task AbortAsync(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private static Task<HttpResponseMessage> PostAsync(RunningProxy proxy, string target) =>
        proxy.Client.PostAsync(target, new StringContent(Body), Cancelled);

    private static Task AnswerUnknownAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        context.Response.ContentType = "application/problem+json";
        context.Response.Headers["X-Answer"] = "unknown";
        return context.Response.WriteAsync(Unknown);
    }

    private static Task AnswerPendingAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain";
        context.Response.Headers["X-Answer"] = "knowing";
        return context.Response.WriteAsync("pending");
    }

    private static async Task AssertUnknownAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(Unknown, await response.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
    }
}
