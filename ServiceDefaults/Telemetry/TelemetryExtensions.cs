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
    /// <summary>Every meter and activity source of ours is named <c>GameStack.&lt;Project&gt;[.&lt;Folder&gt;]</c>.</summary>
    private const string OurNames = "GameStack.*";

    /// <summary>For each of logs, metrics and traces: a collector that does not answer must not hold up a service that stops (the default is 10 s).</summary>
    private const string ExportWithinMilliseconds = "1500";

    /// <summary>Logs, metrics and traces over OTLP. Without an endpoint nothing is measured: a request pays only for what somebody reads.</summary>
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
        // A service's name in the code would win over the one that the graph gives it.
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
            .AddHttpClientInstrumentation(options => options.FilterHttpRequestMessage = request => !HealthEndpoints.IsProbe(request.RequestUri?.AbsolutePath))
            .AddSource("Npgsql", "Yarp.ReverseProxy", OurNames);

        // A sampler in the code would win over the one that an operator asks for.
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_TRACES_SAMPLER"]))
            traces.SetSampler(new ParentBasedSampler(new RequestSampler()));
    }
}
