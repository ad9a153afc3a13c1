using System.Diagnostics;
using OpenTelemetry.Trace;

namespace GameStack.ServiceDefaults.Telemetry;

/// <summary>
/// A trace begins with a request that comes in, or with a step of our own. What a background loop calls by itself (heartbeats, health
/// checks of YARP, once a second each) would bury those.
/// </summary>
internal sealed class RequestSampler : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) => new(
        samplingParameters.Kind is ActivityKind.Server or ActivityKind.Internal ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
}
