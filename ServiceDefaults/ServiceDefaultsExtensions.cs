using GameStack.ServiceDefaults.Health;
using GameStack.ServiceDefaults.Listening;
using GameStack.ServiceDefaults.Shutdown;
using GameStack.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace GameStack.ServiceDefaults;

/// <summary>What every service of the stack does the same way: telemetry, health, connections, shutdown.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>
    /// Adds telemetry over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, health checks, a bound for the connections of clients
    /// (<see cref="ListeningOptions"/>), an end to calls whose client has vanished, and a shutdown that first fails readiness and then
    /// drains (<see cref="ShutdownOptions"/>; services watch it through <see cref="ShutdownState"/>).
    /// </summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddTelemetry();
        builder.AddGracefulShutdown();
        builder.Services.AddDefaultHealthChecks();
        builder.BoundConnections();
        builder.Services.EndCallsOfVanishedPeers();
        return builder;
    }

    /// <summary>
    /// Maps two endpoints in every environment: <c>/health</c> says whether requests should be sent here, and <c>/alive</c> says whether
    /// the process needs a restart. Both answer <c>{"status": "ok"}</c>, or <c>{"status": "degraded", "checks": {…}}</c>, which names the
    /// failing checks and says nothing else about them; the header <see cref="HealthHeaders.Degraded"/> has the same names. The status code
    /// is 200 when the service goes on without what fails, and 503 when it cannot or is about to stop.
    /// </summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);

        HealthEndpoints.Map(app);
        return app;
    }
}
