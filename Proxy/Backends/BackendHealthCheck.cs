using Microsoft.Extensions.Diagnostics.HealthChecks;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace GameStack.Proxy.Backends;

/// <summary>
/// Whether a backend answers, as the latest probes saw it. Until the first one did, the proxy is not ready. Later it stays in rotation without
/// backends: a client is better off with its 503 and <c>Retry-After</c> than with no proxy to connect to.
/// </summary>
internal sealed class BackendHealthCheck(IProxyStateLookup proxy) : IHealthCheck
{
    private volatile bool _everReached;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        if (IsAnyReachable())
        {
            _everReached = true;
            return HealthCheckResult.Healthy();
        }

        return _everReached ? HealthCheckResult.Degraded() : HealthCheckResult.Unhealthy();
    }

    private bool IsAnyReachable() =>
        proxy.TryGetCluster(BackendCluster.Id, out var cluster)
        && cluster.DestinationsState.AllDestinations.Any(destination => destination.Health.Active == DestinationHealth.Healthy);
}
