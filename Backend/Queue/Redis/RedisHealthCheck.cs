using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.Backend.Queue.Redis;

/// <summary>
/// Reports a Redis that does not serve as a degradation, not a failure: the backend then forms matches in its own memory.
/// </summary>
internal sealed class RedisHealthCheck(RedisState state) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(state.Reason is { } reason
            ? new HealthCheckResult(context.Registration.FailureStatus, $"Redis is not usable: {reason}")
            : HealthCheckResult.Healthy());
}
