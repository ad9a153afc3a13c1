using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Routing;

namespace GameStack.ServiceDefaults.Health;

internal static class HealthEndpoints
{
    public const string Ready = "/health";
    public const string Live = "/alive";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        MapProbe(endpoints, Ready, new HealthCheckOptions());
        MapProbe(endpoints, Live, new HealthCheckOptions { Predicate = check => check.Tags.Contains(HealthCheckExtensions.LiveTag) });
    }

    /// <summary>Probes arrive from all sides every second; their traces would bury everything else.</summary>
    public static bool IsProbe(string? path) =>
        Ready.Equals(path, StringComparison.OrdinalIgnoreCase) || Live.Equals(path, StringComparison.OrdinalIgnoreCase);

    private static void MapProbe(IEndpointRouteBuilder endpoints, string path, HealthCheckOptions options)
    {
        options.ResponseWriter = HealthResponse.WriteAsync;
        endpoints.MapHealthChecks(path, options).DisableHttpMetrics().WithName(path);
    }
}
