using Microsoft.Extensions.Diagnostics.HealthChecks;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace GameStack.Proxy.Backends;

/// <summary>
/// Reports whether a backend answers, according to the latest probes. The proxy is not ready until a backend has answered once. After that,
/// the proxy stays in rotation even without backends: its 503 and <c>Retry-After</c> help a client more than no proxy to connect to.
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
