using GameStack.ServiceDefaults.Shutdown;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.ServiceDefaults.Health;

internal sealed class DrainHealthCheck(ShutdownState shutdown) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(shutdown.IsDraining ? HealthCheckResult.Unhealthy() : HealthCheckResult.Healthy());
}
