using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace GameStack.Proxy.Backends;

/// <summary>
/// Chooses the backends that get calls: the healthy ones that share the queue in Redis, else the healthy ones. If no backend is healthy, or
/// none has been probed yet, all get calls: the probes may be wrong, and a refused connection costs little.
/// </summary>
internal sealed class PreferredBackends(DegradedBackends degraded) : IAvailableDestinationsPolicy
{
    public const string PolicyName = "PreferredBackends";

    public string Name => PolicyName;

    public IReadOnlyList<DestinationState> GetAvailalableDestinations(
        ClusterConfig config, IReadOnlyList<DestinationState> allDestinations)
    {
        DestinationState[] healthy = [.. allDestinations.Where(IsHealthy)];
        DestinationState[] preferred = [.. healthy.Where(backend => !degraded.Contains(backend))];
        return preferred.Length > 0 ? preferred : healthy.Length > 0 ? healthy : allDestinations;
    }

    /// <summary>Unlike YARP's own policies, counts no backend as healthy before a probe: it has an address before it listens.</summary>
    private static bool IsHealthy(DestinationState backend) =>
        backend.Health is { Active: DestinationHealth.Healthy, Passive: not DestinationHealth.Unhealthy };
}
