using GameStack.Proxy.Backends;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace GameStack.Proxy.Forwarding;

/// <summary>
/// While a backend is degraded, a player or a match may be known only in its memory, so a call about one goes from backend to backend
/// (<see cref="BackendSearch"/>). A call that fails after its <see cref="Retries"/> ends the search, because the backend that failed it may
/// know the player.
/// </summary>
internal sealed class SearchedCalls(RequestDelegate next, DegradedBackends degraded)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        if (!degraded.Any || !BackendSearch.IsFor(context.Request, proxy.Route.Config.RouteId))
        {
            await next(context);
            return;
        }

        var search = new BackendSearch(proxy.Route.Config.RouteId, [.. proxy.AllDestinations.Where(MayKnowPlayers)], degraded);
        context.Features.Set(search);
        KeyValuePair<string, StringValues>[] headers = [.. context.Response.Headers];
        proxy.AvailableDestinations = search.First(proxy.AvailableDestinations);

        await next(context);
        while (search.GoesOn)
        {
            Rewind(context, headers);
            proxy.AvailableDestinations = search.Next();
            await next(context);
        }
    }

    /// <summary>A degraded backend that drains fails its probes, but still serves the players in its memory.</summary>
    private bool MayKnowPlayers(DestinationState backend) =>
        degraded.Contains(backend) || backend.Health.Active == DestinationHealth.Healthy;

    /// <summary>YARP adds an answer's headers to those that are already there.</summary>
    private static void Rewind(HttpContext context, KeyValuePair<string, StringValues>[] headers)
    {
        context.Features.Set<IForwarderErrorFeature>(null);
        context.Response.Clear();
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        if (context.Request.Body.CanSeek)
        {
            context.Request.Body.Position = 0;
        }
    }
}
