using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace GameStack.Backend.Queue.Redis;

/// <summary>Reports an unavailable Redis as a degradation, not a failure: the backend then forms matches in its own memory.</summary>
internal sealed class RedisHealthCheck(IConnectionMultiplexer redis) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await RedisCall.RunAsync(() => redis.GetDatabase().PingAsync(), cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (DependencyUnavailableException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "Redis is unavailable; this backend matches in its own memory.");
        }
    }
}
