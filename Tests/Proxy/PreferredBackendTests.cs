using System.Net;

namespace GameStack.Tests.Proxy;

public sealed class PreferredBackendTests
{
    private const string QuickProbes = "Forwarding:ProbeInterval=00:00:00.1";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_go_to_backends_that_share_the_queue()
    {
        await using var degraded = await StandInBackend.StartAsync();
        await using var sound = await StandInBackend.StartAsync();
        degraded.SetDegraded(true);
        await using var proxy = await RunningProxy.StartAsync([degraded.Address, sound.Address], QuickProbes);
        await degraded.KnownAsync();

        await CallAsync(proxy, times: 30);

        Assert.Empty(degraded.Requests);
        Assert.Equal(30, sound.Requests.Count);
    }

    [Fact]
    public async Task A_backend_that_loses_its_Redis_gets_no_more_calls_until_Redis_is_usable_again()
    {
        await using var changing = await StandInBackend.StartAsync();
        await using var sound = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync([changing.Address, sound.Address], QuickProbes);
        await changing.KnownAsync();

        changing.SetDegraded(true);
        await changing.KnownAsync();
        await CallAsync(proxy, times: 30);
        Assert.Empty(changing.Requests);

        changing.SetDegraded(false);
        await changing.KnownAsync();
        await CallAsync(proxy, times: 60);
        Assert.NotEmpty(changing.Requests);
    }

    [Fact]
    public async Task Without_a_backend_that_shares_the_queue_all_healthy_backends_get_calls()
    {
        await using var first = await StandInBackend.StartAsync();
        await using var second = await StandInBackend.StartAsync();
        first.SetDegraded(true);
        second.SetDegraded(true);
        await using var proxy = await RunningProxy.StartAsync([first.Address, second.Address], QuickProbes);
        await first.KnownAsync();

        await CallAsync(proxy, times: 60);

        Assert.NotEmpty(first.Requests);
        Assert.NotEmpty(second.Requests);
    }

    [Fact]
    public async Task A_degraded_backend_gets_calls_when_the_others_do_not_answer()
    {
        await using var degraded = await StandInBackend.StartAsync();
        degraded.SetDegraded(true);
        var gone = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync([degraded.Address, gone.Address], QuickProbes);
        await degraded.KnownAsync();

        await gone.DisposeAsync();
        degraded.SetDegraded(true); // Counts probes from now on.

        // Two failures in a row take the other one out, and the probe after these shows that both are known.
        await degraded.ProbedAsync(times: 4);
        await CallAsync(proxy, times: 10);
        Assert.Equal(10, degraded.Requests.Count);
    }

    private static async Task CallAsync(RunningProxy proxy, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var response = await proxy.Client.GetAsync("/api/sessions/active", Cancelled);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }
}
