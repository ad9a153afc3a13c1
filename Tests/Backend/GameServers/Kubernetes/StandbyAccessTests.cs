using GameStack.Backend.GameServers.Kubernetes;
using GameStack.Tests.Support;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

public sealed class StandbyAccessTests
{
    private const int AccessRefused = 103;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backend_that_all_servers_deny_is_not_ready_until_one_accepts_it()
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.Prepare = server => server.IsDenying = true;
        cluster.SetPool(3);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 3);
        Assert.Equal(HealthStatus.Unhealthy, Status(backend)); // Nothing is known yet.
        using var check = await StartAsync(backend);

        var line = (await backend.Logs.WaitForAsync(AccessRefused, 1))[0];

        Assert.StartsWith(
            "The standby pool refuses the backend's private key; retrying: Pod game-server-", line.Message, StringComparison.Ordinal);
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.Equal(HealthStatus.Unhealthy, Status(backend));
        Assert.True(backend.Fleet.IsShutOut);

        cluster.Prepare = _ => { }; // The Deployment is restarted with the right key, one pod after the other.
        cluster.DeletePod(cluster.PodNames[0]);

        await Eventually.IsAsync("accepted", _ => Task.FromResult(!backend.Fleet.IsShutOut), Waits.Patient);
        Assert.Equal(HealthStatus.Healthy, Status(backend));
        await check.StopAsync(Token);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_pool_that_says_nothing_about_the_key_keeps_no_backend_from_starting(int pool)
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.Prepare = server => server.IsSilent = true;
        cluster.SetPool(pool);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: pool, patience: TimeSpan.FromSeconds(2));
        using var check = await StartAsync(backend);

        await Eventually.IsAsync("ready", _ => Task.FromResult(Status(backend) == HealthStatus.Healthy), Waits.Patient);

        Assert.False(backend.Fleet.IsShutOut);
        Assert.Empty(backend.Logs.Problems);
        await check.StopAsync(Token);
    }

    private static async Task<StandbyAccessCheck> StartAsync(FakeClusterBackend backend)
    {
        var check = new StandbyAccessCheck(backend.Catalog, backend.Signer, backend.Access, TimeProvider.System);
        await check.StartAsync(Token);
        return check;
    }

    private static HealthStatus Status(FakeClusterBackend backend) => TestCalls.StatusOf(backend.Access);
}
