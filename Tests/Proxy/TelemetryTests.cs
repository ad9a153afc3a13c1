using GameStack.Tests.ServiceDefaults;

namespace GameStack.Tests.Proxy;

public sealed class TelemetryTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spans_are_named_by_route_and_probing_the_backends_leaves_none()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var backend = await StandInBackend.StartAsync();
        await using (var proxy = await RunningProxy.StartAsync(backend, [.. collector.Settings, "Forwarding:ProbeInterval=00:00:00.1"]))
        {
            await proxy.Client.GetStringAsync("/api/match/status?player_id=secret-player", Cancelled);
            using var end = await proxy.Client.PostAsync("/api/match/0b9c7b5e-55a5-4c59-9d3e-2b1f2d8f0a11/end", content: null, Cancelled);
            await backend.ProbedAsync(times: 3);
        }

        var traces = collector.Received("/v1/traces");
        Assert.Contains("GET /api/match/status", traces);
        Assert.Contains("POST /api/match/{session_id}/end", traces);
        Assert.Contains("proxy.forwarder", traces);
        Assert.DoesNotContain("proxy.cluster_health_checks", traces);
        Assert.DoesNotContain("proxy.destination_health_check", traces);
        Assert.DoesNotContain("GET /health", traces);
        Assert.DoesNotContain($"{backend.Address.TrimEnd('/')}/health", traces);
        Assert.DoesNotContain("secret-player", traces);
    }

    [Fact]
    public async Task The_backends_span_belongs_to_the_callers_trace()
    {
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        await using var collector = await OtlpCollector.StartAsync();
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, collector.Settings);

        // Not by HttpClient, which has a trace of its own to tell of.
        await RawHttp.SendAsync(
            proxy.Address,
            $"GET /api/sessions/active HTTP/1.1\r\nHost: x\r\ntraceparent: 00-{Trace}-00f067aa0ba902b7-01\r\nConnection: close\r\n\r\n",
            Cancelled);

        Assert.StartsWith($"00-{Trace}-", Assert.Single(backend.Requests).Headers["traceparent"]);
    }
}
