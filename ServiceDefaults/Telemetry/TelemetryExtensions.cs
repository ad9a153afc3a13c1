using GameStack.ServiceDefaults.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace GameStack.ServiceDefaults.Telemetry;

internal static class TelemetryExtensions
{
    /// <summary>Each of our meters and activity sources is named <c>GameStack.&lt;Project&gt;</c>.</summary>
    private const string OurNames = "GameStack.*";

    /// <summary>
    /// Applies to logs, metrics and traces each: a collector that does not answer must not hold up a stopping
    /// service (the default is 10 s).
    /// </summary>
    private const string ExportWithinMilliseconds = "1500";

    /// <summary>
    /// Adds logs, metrics and traces over OTLP. Without an endpoint nothing is measured: a request pays only for what somebody reads.
    /// </summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            return;

        builder.Configuration["OTEL_EXPORTER_OTLP_TIMEOUT"] ??= ExportWithinMilliseconds;
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => NameService(resource, builder))
            .WithMetrics(AddMeters)
            .WithTracing(traces => AddSources(traces, builder))
            .UseOtlpExporter();
    }

    private static void NameService(ResourceBuilder resource, IHostApplicationBuilder builder)
    {
        // A service name set in code would override the one that the AppHost's graph gives it.
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_SERVICE_NAME"]))
            resource.AddService(builder.Environment.ApplicationName);
    }

    private static void AddMeters(MeterProviderBuilder metrics) => metrics
        .AddRuntimeInstrumentation()
        .AddAspNetCoreInstrumentation()
        .AddHttpClientInstrumentation()
        .AddMeter("Npgsql", OurNames);

    private static void AddSources(TracerProviderBuilder traces, IHostApplicationBuilder builder)
    {
        traces
            .AddAspNetCoreInstrumentation(options => options.Filter = context => !HealthEndpoints.IsProbe(context.Request.Path))
            .AddHttpClientInstrumentation(options =>
                options.FilterHttpRequestMessage = request => !HealthEndpoints.IsProbe(request.RequestUri?.AbsolutePath))
            .AddSource("Npgsql", "Yarp.ReverseProxy", OurNames);

        // A sampler set in code would override the one that an operator chooses.
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_TRACES_SAMPLER"]))
            traces.SetSampler(new ParentBasedSampler(new RequestSampler()));
    }
}
