using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.Backend.Queue.Redis;

/// <summary>
/// Reports a Redis that does not serve as a degradation, not a failure: the backend then forms matches in its own memory. Only a backend
/// that Redis refuses from its start on is not ready.
/// </summary>
internal sealed class RedisHealthCheck(RedisState state) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(state.Access.Check(context, state.Reason is { } reason ? $"Redis is not usable: {reason}" : null));
}
