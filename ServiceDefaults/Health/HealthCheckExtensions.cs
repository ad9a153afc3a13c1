using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.ServiceDefaults.Health;

public static class HealthCheckExtensions
{
    internal const string LiveTag = "live";

    /// <summary>A dependency that hangs must not hang the probe that asks for it; probes themselves commonly give up after a few seconds.</summary>
    private static readonly TimeSpan LongestCheck = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The service goes on without what these checks look at: when they fail, <c>/health</c> says so with 200 and requests keep coming.
    /// The checks may be registered before or after this call, by whichever package.
    /// </summary>
    public static IServiceCollection ReportAsDegraded(this IServiceCollection services, params IReadOnlyCollection<string> checkNames)
    {
        ArgumentNullException.ThrowIfNull(services);

        return services.PostConfigure<HealthCheckServiceOptions>(options =>
        {
            foreach (var registration in options.Registrations.Where(registration => checkNames.Contains(registration.Name)))
            {
                registration.FailureStatus = HealthStatus.Degraded;
            }
        });
    }

    internal static void AddDefaultHealthChecks(this IServiceCollection services)
    {
        services.AddHealthChecks()
            .AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag])
            .AddCheck<DrainHealthCheck>("accepting_requests");

        services.PostConfigure<HealthCheckServiceOptions>(options =>
        {
            foreach (var registration in options.Registrations.Where(registration => registration.Timeout == Timeout.InfiniteTimeSpan))
            {
                registration.Timeout = LongestCheck;
            }
        });
    }
}
