using System.Net;

namespace GameStack.Tests.Proxy.Backends;

public sealed class HealthTests
{
    private const string QuickProbes = "Forwarding:ProbeInterval=00:00:00.1";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_proxy_is_ready_when_a_backend_answers()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(["http://127.0.0.1:9", backend.Address], QuickProbes);

        Assert.Equal("""{"status":"ok"}""", await UntilAsync(proxy, HttpStatusCode.OK, "ok"));
    }

    [Fact]
    public async Task The_proxy_is_not_ready_before_a_backend_ever_answered_but_it_is_alive()
    {
        await using var proxy = await RunningProxy.StartAsync(["http://127.0.0.1:9"], QuickProbes);

        using var health = await proxy.Client.GetAsync("/health", Cancelled);
        using var alive = await proxy.Client.GetAsync("/alive", Cancelled);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Equal("""{"status":"degraded","checks":{"backend":"unhealthy"}}""", await health.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    [Fact]
    public async Task The_proxy_stays_in_rotation_when_its_backends_go_away()
    {
        var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, QuickProbes);
        await UntilAsync(proxy, HttpStatusCode.OK, "ok");

        await backend.DisposeAsync();

        Assert.Equal("""{"status":"degraded","checks":{"backend":"degraded"}}""", await UntilAsync(proxy, HttpStatusCode.OK, "degraded"));
    }

    /// <summary>Asks until the answer is the expected one; the test's own time-out ends it otherwise.</summary>
    private static async Task<string> UntilAsync(RunningProxy proxy, HttpStatusCode status, string expected)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            using var response = await proxy.Client.GetAsync("/health", patience.Token);
            var body = await response.Content.ReadAsStringAsync(patience.Token);
            if (response.StatusCode == status && body.StartsWith($$"""{"status":"{{expected}}""", StringComparison.Ordinal))
                return body;
        }
    }
}
