using GameStack.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>Degraded while the API server refuses something that matches need, or game servers deny this backend.</summary>
internal sealed class FleetHealthCheck(FleetObstacles obstacles) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(obstacles.Reasons is { Count: > 0 } reasons
            ? new HealthCheckResult(context.Registration.FailureStatus, data: HealthReasons.Public(string.Join(' ', reasons)))
            : HealthCheckResult.Healthy());
}
