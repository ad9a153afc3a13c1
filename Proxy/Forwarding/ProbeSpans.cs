using System.Diagnostics;
using OpenTelemetry;

namespace GameStack.Proxy.Forwarding;

/// <summary>Leaves YARP's spans of its probes out, which come every second whether anything happens or not. What runs inside them follows.</summary>
internal sealed class ProbeSpans : BaseProcessor<Activity>
{
    private const string ClusterProbe = "proxy.cluster_health_checks";

    public override void OnStart(Activity data)
    {
        if (data.OperationName == ClusterProbe)
        {
            data.IsAllDataRequested = false;
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
