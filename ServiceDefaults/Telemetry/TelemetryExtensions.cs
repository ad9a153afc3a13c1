using System.Globalization;
using GameStack.ServiceDefaults.Health;
using GameStack.ServiceDefaults.Settings;
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
    /// Adds logs, metrics and traces over OTLP. Without an endpoint nothing is measured: a request pays only for what somebody reads.
    /// </summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        var options = builder.Configuration.ReadSettings(new TelemetryOptions());
        if (options.Endpoint is null)
            return;

        builder.Configuration["OTEL_EXPORTER_OTLP_TIMEOUT"] = options.Timeout.ToString(CultureInfo.InvariantCulture);
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => NameService(resource, options, builder.Environment))
            .WithMetrics(AddMeters)
            .WithTracing(traces => AddSources(traces, options))
            .UseOtlpExporter();
    }

    private static void NameService(ResourceBuilder resource, TelemetryOptions options, IHostEnvironment environment)
    {
        // A service name set in code would override the one that the AppHost's graph gives it.
        if (options.ServiceName is null)
            resource.AddService(environment.ApplicationName);
    }

    private static void AddMeters(MeterProviderBuilder metrics) => metrics
        .AddRuntimeInstrumentation()
        .AddAspNetCoreInstrumentation()
        .AddHttpClientInstrumentation()
        .AddMeter("Npgsql", OurNames);

    private static void AddSources(TracerProviderBuilder traces, TelemetryOptions options)
    {
        traces
            .AddAspNetCoreInstrumentation(requests => requests.Filter = context => !HealthEndpoints.IsProbe(context.Request.Path))
            .AddHttpClientInstrumentation(calls =>
                calls.FilterHttpRequestMessage = request => !HealthEndpoints.IsProbe(request.RequestUri?.AbsolutePath))
            .AddSource("Npgsql", "Yarp.ReverseProxy", OurNames);

        // A sampler set in code would override the one that an operator chooses.
        if (options.Sampler is null)
            traces.SetSampler(new ParentBasedSampler(new RequestSampler()));
    }
}
