using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Degraded while the API server refuses something that matches need, or game servers deny this backend. A backend that the API server or
/// the standby pool has refused from its start on is not ready.
/// </summary>
internal sealed class FleetHealthCheck(FleetObstacles obstacles, KubernetesAccess access, StandbyAccess standby) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var reasons = obstacles.Reasons;
        var reason = reasons.Count > 0 ? string.Join(' ', reasons) : null;
        var api = access.Check(context, reason, reason);
        var pool = standby.Check(context, description: null);
        return Task.FromResult(pool.Status < api.Status ? pool : api);
    }
}
