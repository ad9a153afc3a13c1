using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.ServiceDefaults.Health;

internal static class HealthCheckExtensions
{
    public const string LiveTag = "live";

    /// <summary>A dependency that hangs must not make the probe that checks it hang; probes commonly give up after a few seconds.</summary>
    private static readonly TimeSpan LongestCheck = TimeSpan.FromSeconds(2);

    public static void AddDefaultHealthChecks(this IServiceCollection services)
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
