using GameStack.Proxy.Backends;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Model;

namespace GameStack.Proxy.Forwarding;

/// <summary>
/// While a backend is degraded, answers 404 for a player only after every backend has done so: the player may be known only in the memory
/// of one backend. Any other answer ends the search, and so does a call that fails after its <see cref="Retries"/>, because the backend
/// that failed it may know the player.
/// </summary>
internal sealed class UnknownPlayers(RequestDelegate next, DegradedBackends degraded)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        if (!degraded.Any || !IsAboutPlayer(context.Request, proxy))
        {
            await next(context);
            return;
        }

        var search = new PlayerSearch([.. proxy.AllDestinations.Where(MayKnowPlayers)]);
        context.Features.Set(search);
        KeyValuePair<string, StringValues>[] headers = [.. context.Response.Headers];

        await next(context);
        while (context.Response.StatusCode == StatusCodes.Status404NotFound && search.NotAsked.Count > 0)
        {
            ForgetAnswer(context.Response, headers);
            proxy.AvailableDestinations = search.NotAsked;
            await next(context);
        }
    }

    private static bool IsAboutPlayer(HttpRequest request, IReverseProxyFeature proxy) =>
        HttpMethods.IsGet(request.Method)
        && proxy.Route.Config.RouteId is ForwardingRoutes.StatusRouteId or ForwardingRoutes.EventsRouteId;

    /// <summary>A degraded backend that drains fails its probes, but still serves the players in its memory.</summary>
    private bool MayKnowPlayers(DestinationState backend) =>
        degraded.Contains(backend) || backend.Health.Active == DestinationHealth.Healthy;

    /// <summary>YARP adds an answer's headers to those that are already there.</summary>
    private static void ForgetAnswer(HttpResponse response, KeyValuePair<string, StringValues>[] headers)
    {
        response.Clear();
        foreach (var (name, value) in headers)
        {
            response.Headers[name] = value;
        }
    }
}
