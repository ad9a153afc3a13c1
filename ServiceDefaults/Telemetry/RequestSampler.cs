using System.Diagnostics;
using OpenTelemetry.Trace;

namespace GameStack.ServiceDefaults.Telemetry;

/// <summary>
/// Starts a trace only for an incoming request or for one of our own steps. The calls that background loops make by themselves (heartbeats
/// and YARP's health checks, each once a second) would bury those traces.
/// </summary>
internal sealed class RequestSampler : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) => new(
        samplingParameters.Kind is ActivityKind.Server or ActivityKind.Internal ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
}
