using GameStack.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.Backend.GameServers;

/// <summary>Reports a full fleet as a degradation: live matches go on, but players wait until one ends.</summary>
internal sealed class FullFleetCheck(IGameServerFleet fleet) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(fleet.WhyFull is { } why
            ? new HealthCheckResult(context.Registration.FailureStatus, data: HealthReasons.Public(why))
            : HealthCheckResult.Healthy());
}
