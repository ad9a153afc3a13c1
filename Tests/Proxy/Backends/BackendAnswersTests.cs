using System.Net;
using System.Net.Http.Json;
using GameStack.Contracts.Api;
using GameStack.Proxy;
using GameStack.Proxy.Backends;
using GameStack.Tests.Backend.GameServers;
using GameStack.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Proxy.Backends;

/// <summary>At a backend's address, another program answers.</summary>
public sealed class BackendAnswersTests
{
    private const string SlowProbes = "Forwarding:ProbeInterval=01:00:00";
    private const string QuickProbes = "Forwarding:ProbeInterval=00:00:00.1";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_mark_stays_between_proxy_and_backend()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        using var response = await proxy.Client.GetAsync("/api/sessions/active", Cancelled);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains(BackendMark.Header));
    }

    [Theory]
    [InlineData(200, "POST", "/api/match/join")]
    [InlineData(404, "POST", "/api/match/join")]
    [InlineData(404, "GET", "/api/match/status?player_id=p1")]
    [InlineData(404, "GET", "/api/match/events?player_id=p1")]
    [InlineData(503, "POST", "/api/match/0b9c7b5e-55a5-4c59-9d3e-2b1f2d8f0a11/end")]
    public async Task A_call_that_a_stranger_answers_goes_to_a_backend(int answer, string method, string target)
    {
        await using var stranger = await StandInBackend.StartAsync(context => AnswerAsync(context, answer));
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync([stranger.Address, backend.Address], SlowProbes);

        // Which one comes first is chance: call until the stranger has been met.
        for (var i = 0; i < 200 && stranger.Requests.Count == 0; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), target);
            using var response = await proxy.Client.SendAsync(request, Cancelled);
            Assert.Equal((HttpStatusCode.OK, "ok"), (response.StatusCode, await response.Content.ReadAsStringAsync(Cancelled)));
        }

        Assert.Single(stranger.Requests);
    }

    [Theory]
    [InlineData(200, "/api/match/join")]
    [InlineData(404, "/api/match/join")]
    [InlineData(200, "/api/other")]
    public async Task With_nothing_but_strangers_the_answer_is_502(int answer, string target)
    {
        await using var stranger = await StandInBackend.StartAsync(context => AnswerAsync(context, answer));
        await using var proxy = await RunningProxy.StartAsync(stranger, SlowProbes);

        using var response = await proxy.Client.PostAsync(target, JsonContent.Create(new { player_id = "p1" }), Cancelled);

        await ProblemAssert.IsAsync(HttpStatusCode.BadGateway, response);
    }

    [Fact]
    public async Task What_a_backends_server_refuses_by_itself_is_the_callers_mistake_and_no_failure_of_the_backend()
    {
        await using var backend = await StandInBackend.StartAsync(mostHeaders: 20);
        await using var proxy = await RunningProxy.StartAsync(backend, SlowProbes);
        for (var i = 0; i < 20; i++)
        {
            using var odd = new HttpRequestMessage(HttpMethod.Post, "/api/match/join");
            Enumerable.Range(0, 30).ToList().ForEach(header => odd.Headers.Add($"X-{header}", "x"));
            using var refusal = await proxy.Client.SendAsync(odd, Cancelled);
            await ProblemAssert.IsAsync(HttpStatusCode.RequestHeaderFieldsTooLarge, refusal);
        }

        using var response = await proxy.Client.PostAsync("/api/match/join", content: null, Cancelled);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_stranger_is_named_once()
    {
        using var log = new LogRecords();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        using var answers = new HttpMessageInvoker(new BackendAnswers(new Stranger(), loggers.CreateLogger<BackendAnswers>()));

        for (var i = 0; i < 2; i++)
        {
            using var call = new HttpRequestMessage(HttpMethod.Get, "http://10.0.0.7:8080/match/status");
            await Assert.ThrowsAsync<HttpRequestException>(() => answers.SendAsync(call, Cancelled));
        }

        Assert.Contains("10.0.0.7:8080", Assert.Single(log.Of(EventIds.NoBackend)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_probe_that_a_stranger_answers_is_a_failed_one()
    {
        await using var stranger = await StandInBackend.StartAsync(isMarked: false);
        await using var proxy = await RunningProxy.StartAsync(stranger, QuickProbes);

        await stranger.ProbedAsync(times: 4);

        using var health = await proxy.Client.GetAsync("/health", Cancelled);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
    }

    [Fact]
    public async Task A_proxy_is_no_backend_of_another_one()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var inner = await RunningProxy.StartAsync(backend, QuickProbes);
        await using var outer = await RunningProxy.StartAsync([inner.Address.AbsoluteUri, backend.Address], QuickProbes);
        await Eventually.IsAsync(
            "a proxy that is ready",
            async token =>
            {
                using var health = await outer.Client.GetAsync("/health", token);
                return health.IsSuccessStatusCode;
            },
            Waits.Patient);

        // The inner proxy would answer 404 to what it gets without the prefix.
        for (var i = 0; i < 20; i++)
        {
            using var response = await outer.Client.PostAsync("/api/match/join", JsonContent.Create(new { player_id = "p1" }), Cancelled);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    /// <summary>A server whose 404 has a body of unknown length.</summary>
    private sealed class Stranger : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StreamContent(Stream.Null) });
    }

    /// <summary>Without the mark. The address is a backend's only to its probes, which found one there.</summary>
    private static Task AnswerAsync(HttpContext context, int status)
    {
        context.Response.Headers.Remove(BackendMark.Header);
        context.Response.StatusCode = status;
        return context.Response.WriteAsync("a stranger's");
    }
}
