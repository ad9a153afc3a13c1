using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace GameStack.Proxy.Forwarding;

/// <summary>
/// Lets event streams be silent for longer than other calls. Time-outs belong to a cluster, so event streams would otherwise have the same
/// time-out as other calls.
/// </summary>
internal sealed class EventStreams(RequestDelegate next)
{
    /// <summary>How long an event stream may be silent; its total duration has no limit.</summary>
    private static readonly TimeSpan ActivityTimeout = TimeSpan.FromMinutes(10);

    /// <summary>The latest cluster and its patient copy, which thousands of open streams share.</summary>
    private volatile Tuple<ClusterModel, ClusterModel>? _latest;

    public Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        if (proxy.Route.Config.RouteId == ForwardingRoutes.EventsRouteId)
            context.Features.Set<IReverseProxyFeature>(Patient(proxy));
        return next(context);
    }

    private ReverseProxyFeature Patient(IReverseProxyFeature proxy) => new()
    {
        Route = proxy.Route,
        Cluster = Patient(proxy.Cluster),
        AllDestinations = proxy.AllDestinations,
        AvailableDestinations = proxy.AvailableDestinations,
    };

    private ClusterModel Patient(ClusterModel cluster)
    {
        if (_latest is { } latest && latest.Item1 == cluster)
            return latest.Item2;

        var request = cluster.Config.HttpRequest ?? ForwarderRequestConfig.Empty;
        var config = cluster.Config with { HttpRequest = request with { ActivityTimeout = ActivityTimeout } };
        var patient = new ClusterModel(config, cluster.HttpClient);
        _latest = Tuple.Create(cluster, patient);
        return patient;
    }
}
