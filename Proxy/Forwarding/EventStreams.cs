using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace GameStack.Proxy.Forwarding;

/// <summary>
/// Lets event streams be silent for longer than other calls. Time-outs belong to a cluster, so event streams would otherwise have the same
/// time-out as other calls.
/// </summary>
internal sealed class EventStreams(RequestDelegate next, IOptions<ForwardingOptions> options)
{
    public Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        if (proxy.Route.Config.RouteId == ForwardingRoutes.EventsRouteId)
            context.Features.Set<IReverseProxyFeature>(Patient(proxy));
        return next(context);
    }

    private ReverseProxyFeature Patient(IReverseProxyFeature proxy) => new ReverseProxyFeature
    {
        Route = proxy.Route,
        Cluster = Patient(proxy.Cluster),
        AllDestinations = proxy.AllDestinations,
        AvailableDestinations = proxy.AvailableDestinations,
    };

    private ClusterModel Patient(ClusterModel cluster)
    {
        var request = cluster.Config.HttpRequest ?? ForwarderRequestConfig.Empty;
        var config = cluster.Config with { HttpRequest = request with { ActivityTimeout = options.Value.StreamActivityTimeout } };
        return new ClusterModel(config, cluster.HttpClient);
    }
}
