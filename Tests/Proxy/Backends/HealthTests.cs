using System.Net;
using GameStack.Tests.Support;

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

    private static async Task<string> UntilAsync(RunningProxy proxy, HttpStatusCode status, string expected)
    {
        var answer = await Eventually.GetAsync(
            $"{(int)status} {expected}",
            async token =>
            {
                using var response = await proxy.Client.GetAsync("/health", token);
                return (response.StatusCode, Body: await response.Content.ReadAsStringAsync(token));
            },
            answer => answer.StatusCode == status && answer.Body.StartsWith($$"""{"status":"{{expected}}""", StringComparison.Ordinal),
            Waits.Patient);
        return answer.Body;
    }
}
