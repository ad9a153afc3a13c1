using System.Net;
using GameStack.Proxy.Backends;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms;

namespace GameStack.Proxy.Forwarding;

/// <summary>
/// A call about one player or match that goes from backend to backend until one knows it. A status or a stream begins with the preferred
/// backends. A leave or an end begins with the degraded ones, because the others would confirm it without its effect; a leave then also
/// goes to one of the others, since Redis may have an earlier join of the player.
/// </summary>
internal sealed class BackendSearch(string routeId, IReadOnlyList<DestinationState> backends, DegradedBackends degraded)
{
    private readonly bool _isChange = routeId is ForwardingRoutes.LeaveRouteId or ForwardingRoutes.EndRouteId;
    private IReadOnlyList<DestinationState> _notAsked = backends;

    /// <summary>The backends of which the first one is chosen.</summary>
    /// <param name="preferred">Those that calls go to when no backend is degraded.</param>
    public IReadOnlyList<DestinationState> First(IReadOnlyList<DestinationState> preferred) => _isChange ? Next() : preferred;

    /// <summary>Whether the last answer was held back, and another backend is to be asked.</summary>
    public bool GoesOn { get; private set; }

    public static bool IsFor(HttpRequest request, string routeId) => routeId switch
    {
        ForwardingRoutes.StatusRouteId or ForwardingRoutes.EventsRouteId => HttpMethods.IsGet(request.Method),
        ForwardingRoutes.LeaveRouteId or ForwardingRoutes.EndRouteId => HttpMethods.IsPost(request.Method),
        _ => false,
    };

    /// <summary>Holds back the body of an answer after which there are other backends to ask.</summary>
    public static ValueTask HoldBackAsync(ResponseTransformContext context)
    {
        if (context.ProxyResponse is { } response
            && context.HttpContext.Features.Get<BackendSearch>() is { } search
            && context.HttpContext.GetReverseProxyFeature().ProxiedDestination is { } asked)
        {
            context.SuppressResponseBody = search.HoldBack(response.StatusCode, asked);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The backends of which the next one is chosen.</summary>
    public IReadOnlyList<DestinationState> Next()
    {
        GoesOn = false; // A call that fails ends the search.
        return _isChange && _notAsked.Where(degraded.Contains).ToArray() is { Length: > 0 } first ? first : _notAsked;
    }

    private bool HoldBack(HttpStatusCode status, DestinationState asked)
    {
        _notAsked = [.. _notAsked.Where(backend => backend != asked)];
        var isOpen = status == HttpStatusCode.ServiceUnavailable && degraded.Contains(asked);
        GoesOn = _notAsked.Count > 0 && routeId switch
        {
            ForwardingRoutes.LeaveRouteId => isOpen
                || (status == HttpStatusCode.OK && degraded.Contains(asked) && !_notAsked.All(degraded.Contains)),
            ForwardingRoutes.EndRouteId => isOpen || status == HttpStatusCode.NotFound,
            _ => status == HttpStatusCode.NotFound,
        };
        return GoesOn;
    }
}
