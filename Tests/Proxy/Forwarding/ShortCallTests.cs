using System.Net;
using System.Net.Http.Json;
using System.Text;
using GameStack.Contracts.Api;
using GameStack.Tests.Support;
using LocalServers;
using Microsoft.AspNetCore.Http;

namespace GameStack.Tests.Proxy.Forwarding;

/// <summary>Calls that a backend answers at once go to its port for HTTP/2, if it has one.</summary>
public sealed class ShortCallTests
{
    private const string Http1 = "HTTP/1.1";
    private const string Http2 = "HTTP/2";
    private const string QuickProbes = "Forwarding:ProbeInterval=00:00:00.1";
    private const string ShortCall = "/api/match/status?player_id=probe";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", "/api/match/join", Http2)]
    [InlineData("POST", "/api/match/leave", Http2)]
    [InlineData("POST", "/api/match/0b9c7b5e-55a5-4c59-9d3e-2b1f2d8f0a11/end", Http2)]
    [InlineData("GET", "/api/match/status?player_id=p1", Http2)]
    [InlineData("GET", "/api/match/status?player_id=p1&wait=10", Http1)]
    [InlineData("GET", "/api/match/status?WAIT=10&player_id=p1", Http1)]
    [InlineData("GET", "/api/match/events?player_id=p1", Http1)]
    [InlineData("PATCH", "/api/match/status?player_id=p1", Http1)]
    [InlineData("GET", "/api/sessions/active", Http1)]
    [InlineData("POST", "/api/other", Http1)]
    public async Task Only_short_calls_that_may_be_repeated_are_HTTP_2(string method, string target, string protocol)
    {
        var port = FreePort.Next();
        await using var backend = await StandInBackend.StartAsync(shortPort: port);
        await using var proxy = await StartAsync(backend, port);
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        if (method == "POST")
            request.Content = JsonContent.Create(new { player_id = "Zoë" });

        using var response = await proxy.Client.SendAsync(request, Cancelled);

        Assert.Equal((HttpStatusCode.OK, "ok"), (response.StatusCode, await response.Content.ReadAsStringAsync(Cancelled)));
        Assert.False(response.Headers.Contains(BackendMark.Header));
        var call = backend.Requests.Last();
        Assert.Equal((target["/api".Length..], protocol), (call.Target, call.Protocol));
        Assert.Equal(request.Content is null ? "" : """{"player_id":"Zo\u00EB"}""", call.Body);
    }

    [Fact]
    public async Task A_call_with_all_that_a_client_may_send_fits()
    {
        var port = FreePort.Next();
        await using var backend = await StandInBackend.StartAsync(shortPort: port);
        await using var proxy = await StartAsync(backend, port);
        var headers = string.Concat(Enumerable.Range(0, 60).Select(i => $"X-{i}: {Latin1("Zoë 玩家")}{new string('x', 240)}\r\n"));

        var response = await RawHttp.SendAsync(
            proxy.Address,
            $"GET {ShortCall}&x={new string('"', 3_900)} HTTP/1.1\r\nHost: x\r\nTE: gzip\r\nConnection: close\r\n{headers}\r\n", Cancelled);

        Assert.Equal(200, RawHttp.StatusOf(response));
        var call = backend.Requests.Last();
        Assert.Equal((Http2, $"Zoë 玩家{new string('x', 240)}"), (call.Protocol, call.Headers["X-59"]));
    }

    [Fact]
    public async Task A_backend_without_such_a_port_serves_all_calls()
    {
        await using var old = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(old, QuickProbes, ShortUrl(FreePort.Next()));
        await old.KnownAsync();

        await CallAsync(proxy, times: 20);

        Assert.Equal(20, old.Requests.Count(request => request.Protocol == Http1));
    }

    [Fact]
    public async Task A_port_that_is_lost_and_comes_back_costs_no_call()
    {
        var port = FreePort.Next();
        await using var backend = await StandInBackend.StartAsync(shortPort: port);
        await using var way = new TcpForwarder(port);
        await using var proxy = await StartAsync(backend, way.Port);

        way.MoveTo(FreePort.Next(), cut: true);
        await CallAsync(proxy, times: 20);
        Assert.Equal(Http1, backend.Requests.Last().Protocol);

        way.MoveTo(port, cut: false);
        await UntilShortAsync(proxy, backend);
    }

    [Fact]
    public async Task A_port_that_is_another_programs_gets_no_calls()
    {
        var port = FreePort.Next();
        await using var stranger = await StandInBackend.StartAsync(isMarked: false, shortPort: port);
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, QuickProbes, ShortUrl(port));
        await stranger.ProbedAsync(times: 2);

        await CallAsync(proxy, times: 20);

        Assert.Empty(stranger.Requests);
        Assert.Equal(20, backend.Requests.Count);
    }

    [Fact]
    public async Task What_a_backends_server_refuses_is_answered_as_ever_and_no_failure_of_the_backend()
    {
        var port = FreePort.Next();
        await using var backend = await StandInBackend.StartAsync(mostHeaders: 20, shortPort: port);
        await using var proxy = await StartAsync(backend, port);
        for (var i = 0; i < 20; i++)
        {
            using var odd = new HttpRequestMessage(HttpMethod.Post, "/api/match/join");
            Enumerable.Range(0, 30).ToList().ForEach(header => odd.Headers.Add($"X-{header}", "x"));
            using var refusal = await proxy.Client.SendAsync(odd, Cancelled);
            await ProblemAssert.IsAsync(HttpStatusCode.RequestHeaderFieldsTooLarge, refusal);
        }

        await CallAsync(proxy, times: 1);
        await UntilShortAsync(proxy, backend);
    }

    [Fact]
    public async Task A_broken_call_goes_to_the_same_backends_other_port_and_then_to_another_backend_with_its_body()
    {
        var port = FreePort.Next();
        await using var broken = await StandInBackend.StartAsync(AnswerStatusOnly, shortPort: port);
        await using var sound = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync([broken.Address, sound.Address], QuickProbes, ShortUrl(port));
        await UntilShortAsync(proxy, broken);

        for (var i = 0; i < 200 && !broken.Requests.Any(IsJoin); i++)
        {
            using var response = await proxy.Client.PostAsync("/api/match/join", JsonContent.Create(new { player_id = "p1" }), Cancelled);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal([Http2, Http1], broken.Requests.Where(IsJoin).Select(request => request.Protocol));
        Assert.All(
            broken.Requests.Where(IsJoin).Append(sound.Requests.Last()),
            request => Assert.Equal("""{"player_id":"p1"}""", request.Body));
    }

    [Fact]
    public async Task A_backend_that_is_silent_for_too_long_is_504_and_is_not_asked_twice()
    {
        var port = FreePort.Next();
        await using var backend = await StandInBackend.StartAsync(
            context => IsJoin(context.Request) ? Task.Delay(Timeout.Infinite, context.RequestAborted) : context.Response.WriteAsync("ok"),
            shortPort: port);
        await using var proxy = await StartAsync(backend, port, "Forwarding:ActivityTimeout=00:00:10");

        using var response = await proxy.Client.PostAsync("/api/match/join", JsonContent.Create(new { player_id = "p1" }), Cancelled);

        await ProblemAssert.IsAsync(HttpStatusCode.GatewayTimeout, response);
        Assert.Equal(Http2, Assert.Single(backend.Requests, IsJoin).Protocol);
    }

    [Fact]
    public async Task More_calls_at_once_than_a_connection_has_streams_all_come_through()
    {
        const int AtOnce = 250;
        using var all = new CountdownEvent(AtOnce);
        var allAreHere = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var port = FreePort.Next();
        await using var backend = await StandInBackend.StartAsync(
            async context =>
            {
                if (IsJoin(context.Request))
                {
                    if (all.Signal())
                        allAreHere.SetResult();
                    await allAreHere.Task.WaitAsync(context.RequestAborted);
                }

                await context.Response.WriteAsync("ok");
            },
            shortPort: port);
        await using var proxy = await StartAsync(backend, port);

        var joins = Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            using var response = await proxy.Client.PostAsync("/api/match/join", content: null, Cancelled);
            return response.StatusCode;
        });

        Assert.All(await Task.WhenAll(joins), status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.All(backend.Requests.Where(IsJoin), request => Assert.Equal(Http2, request.Protocol));
    }

    [Fact]
    public async Task A_backend_that_stops_under_load_loses_no_call()
    {
        var port = FreePort.Next();
        await using var stopping = await StandInBackend.StartAsync(AnswerSlowlyAsync, shortPort: port);
        await using var staying = await StandInBackend.StartAsync(AnswerSlowlyAsync);
        await using var proxy = await RunningProxy.StartAsync([stopping.Address, staying.Address], QuickProbes, ShortUrl(port));
        await UntilShortAsync(proxy, stopping);
        using var enough = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            while (!enough.IsCancellationRequested)
            {
                await CallAsync(proxy, times: 1);
            }
        }));

        await stopping.StopAsync();
        var asked = stopping.Requests.Count;
        await CallAsync(proxy, times: 20);
        await enough.CancelAsync();

        await load;
        Assert.Equal(asked, stopping.Requests.Count);
    }

    private static async Task<RunningProxy> StartAsync(StandInBackend backend, int shortPort, params string[] settings)
    {
        var proxy = await RunningProxy.StartAsync(backend, [QuickProbes, ShortUrl(shortPort), .. settings]);
        await UntilShortAsync(proxy, backend);
        return proxy;
    }

    private static string ShortUrl(int port) => $"services:backend:short:0=http://127.0.0.1:{port}";

    private static Task UntilShortAsync(RunningProxy proxy, StandInBackend backend) => Eventually.IsAsync(
        "the backend's port is found",
        async _ =>
        {
            await CallAsync(proxy, times: 1);
            return backend.Requests.LastOrDefault()?.Protocol == Http2;
        },
        Waits.Patient);

    private static async Task CallAsync(RunningProxy proxy, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var response = await proxy.Client.GetAsync(ShortCall, Cancelled);
            Assert.Equal((HttpStatusCode.OK, "ok"), (response.StatusCode, await response.Content.ReadAsStringAsync(Cancelled)));
        }
    }

    private static bool IsJoin(RecordedRequest request) => request.Target == "/match/join";

    private static bool IsJoin(HttpRequest request) => request.Path == "/match/join";

    private static string Latin1(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    private static async Task AnswerSlowlyAsync(HttpContext context)
    {
        await Task.Delay(5, context.RequestAborted);
        await context.Response.WriteAsync("ok");
    }

    private static Task AnswerStatusOnly(HttpContext context)
    {
        if (!IsJoin(context.Request))
            return context.Response.WriteAsync("ok");

        context.Abort();
        return Task.CompletedTask;
    }
}
