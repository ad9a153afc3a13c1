using System.Diagnostics;
using OpenTelemetry.Trace;

namespace GameStack.ServiceDefaults.Telemetry;

/// <summary>
/// Begins a trace only for an incoming request or a step of our own. The calls that background loops make by themselves (heartbeats and
/// YARP's health checks, each once a second) would bury those traces.
/// </summary>
internal sealed class RequestSampler : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) => new(
        samplingParameters.Kind is ActivityKind.Server or ActivityKind.Internal ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
}
