using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Degraded while the API server refuses something that matches need, or game servers deny this backend. A backend whom the API server does
/// not know from its start on is not ready.
/// </summary>
internal sealed class FleetHealthCheck(FleetObstacles obstacles, KubernetesAccess access) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var reasons = obstacles.Reasons;
        var reason = reasons.Count > 0 ? string.Join(' ', reasons) : null;
        return Task.FromResult(access.Check(context, reason, reason));
    }
}
