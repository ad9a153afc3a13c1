using GameStack.Proxy.Backends;
using Yarp.ReverseProxy.Configuration;

namespace GameStack.Proxy.Forwarding;

/// <summary>What the proxy maps: everything below <c>/api</c>, except what is a backend's own business.</summary>
internal static class ForwardingRoutes
{
    /// <summary>Calls of the API; the span and the metrics of a call carry the pattern, so the frequent ones have one of their own.</summary>
    public static IReadOnlyList<RouteConfig> All { get; } =
    [
        Route("join", "/api/match/join"),
        Route("leave", "/api/match/leave"),
        Route("status", "/api/match/status"),
        Route(EventsRouteId, "/api/match/events"),
        Route("end", "/api/match/{session_id}/end"),
        Route("sessions", "/api/sessions/active"),
        Route("other", "/api/{**rest}"),
    ];

    public const string EventsRouteId = "events";

    /// <summary>Answered 404: who may clean up is a matter of the cluster, and the probes of a backend tell nothing to a player.</summary>
    public static IReadOnlyList<string> Private { get; } = ["/api/cleanup/{**rest}", "/api/health/{**rest}", "/api/alive/{**rest}"];

    private static RouteConfig Route(string id, string path) => new()
    {
        RouteId = id,
        ClusterId = BackendCluster.Id,
        Match = new RouteMatch { Path = path },
    };
}
