using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.ServiceDefaults.Health;

public static class HealthCheckExtensions
{
    internal const string LiveTag = "live";

    /// <summary>A dependency that hangs must not make the probe that checks it hang; probes commonly give up after a few seconds.</summary>
    private static readonly TimeSpan LongestCheck = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The service goes on without the dependencies that these checks look at. When the checks fail, <c>/health</c> says so with 200, and
    /// requests keep coming. Any package may register the checks, before or after this call.
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
