using System.ComponentModel.DataAnnotations;
using GameStack.ServiceDefaults.Settings;

namespace GameStack.ServiceDefaults.Telemetry;

/// <summary>OpenTelemetry's own variables, which its SDK reads itself: it ignores wrong values, or throws at the first export.</summary>
public sealed class TelemetryOptions
{
    [SettingName("OTEL_EXPORTER_OTLP_ENDPOINT")]
    public Uri? Endpoint { get; set; }

    /// <summary>
    /// The limit for one export, in milliseconds. Logs, metrics and traces each have it: a collector that does not answer must not hold up
    /// a stopping service (the SDK's default is 10 s).
    /// </summary>
    [SettingName("OTEL_EXPORTER_OTLP_TIMEOUT"), Range(1, 600_000)]
    public int Timeout { get; set; } = 1500;

    [SettingName("OTEL_SERVICE_NAME")]
    public string? ServiceName { get; set; }

    [SettingName("OTEL_TRACES_SAMPLER")]
    [AllowedValues(
        "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio")]
    public string? Sampler { get; set; }
}
