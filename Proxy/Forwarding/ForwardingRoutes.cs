using System.Collections.Frozen;
using GameStack.Proxy.Backends;
using Yarp.ReverseProxy.Configuration;

namespace GameStack.Proxy.Forwarding;

/// <summary>The routes of the proxy: everything below <c>/api</c>, except the paths that are private to a backend.</summary>
internal static class ForwardingRoutes
{
    /// <summary>
    /// Calls of the API. The span and the metrics of a call carry its pattern, so each frequent call has its own pattern.
    /// </summary>
    public static IReadOnlyList<RouteConfig> All { get; } =
    [
        Route(JoinRouteId, "/api/match/join"),
        Route(LeaveRouteId, "/api/match/leave"),
        Route(StatusRouteId, "/api/match/status"),
        Route(EventsRouteId, "/api/match/events"),
        Route(EndRouteId, "/api/match/{session_id}/end"),
        Route("sessions", "/api/sessions/active"),
        Route("other", "/api/{**rest}"),
    ];

    public const string JoinRouteId = "join";
    public const string LeaveRouteId = "leave";
    public const string StatusRouteId = "status";
    public const string EventsRouteId = "events";
    public const string EndRouteId = "end";

    /// <summary>
    /// The routes of the calls that players make all the time, and that cost a backend little. The end of a match is not one of them: a
    /// player ends a match once, and a match that is not there costs a query in Postgres.
    /// </summary>
    public static FrozenSet<string> AreOfPlayer { get; } =
        FrozenSet.Create(StringComparer.Ordinal, JoinRouteId, LeaveRouteId, StatusRouteId, EventsRouteId);

    /// <summary>
    /// Paths that are answered with 404: the cluster decides who may clean up, and the probes of a backend are of no use to a player.
    /// </summary>
    public static IReadOnlyList<string> Private { get; } = ["/api/cleanup/{**rest}", "/api/health/{**rest}", "/api/alive/{**rest}"];

    private static RouteConfig Route(string id, string path) => new()
    {
        RouteId = id,
        ClusterId = BackendCluster.Id,
        Match = new RouteMatch { Path = path },
    };
}
