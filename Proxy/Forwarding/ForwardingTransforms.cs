using GameStack.Proxy.Backends;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace GameStack.Proxy.Forwarding;

/// <summary>How a call looks to the backend.</summary>
internal static class ForwardingTransforms
{
    private const string Prefix = "/api";

    /// <summary>A status call with it is held until something changes.</summary>
    private const string WaitParameter = "wait";

    public static void Add(TransformBuilderContext context)
    {
        context.AddPathRemovePrefix(Prefix);

        // YARP would hand on a host that .NET reads differently than the client wrote it (xn--…).
        context.AddRequestTransform(DropHost);

        // Set, not appended: what a client says about earlier proxies is trusted only through FrontDoor.TrustedProxies, which has already
        // replaced the connection's address with the real client's.
        context.AddXForwarded(ForwardedTransformActions.Set);
        context.AddRequestHeader("X-Forwarded-Prefix", Prefix, append: false);
        context.AddRequestHeaderRemove("Forwarded");
        context.AddRequestHeaderRemove("X-Real-IP");

        // The body has already arrived (RequestBodyBuffer), so no backend has to be asked whether it may be sent.
        context.AddRequestHeaderRemove(HeaderNames.Expect);
        context.AddResponseHeaderRemove(HeaderNames.Server, ResponseCondition.Always);
        context.AddResponseTransform(BackendSearch.HoldBackAsync);

        if (context.Route.RouteId == ForwardingRoutes.EventsRouteId)
        {
            context.AddRequestTransform(PlayerToken.MoveToHeaderAsync);
            context.AddResponseTransform(SendHeadersAsync);
        }
        else if (context.Route.RouteId is ForwardingRoutes.JoinRouteId or ForwardingRoutes.LeaveRouteId or ForwardingRoutes.StatusRouteId
            or ForwardingRoutes.EndRouteId)
        {
            var ports = context.Services.GetRequiredService<ShortPorts>();
            context.AddRequestTransform(call =>
            {
                if (IsShort(call.HttpContext.Request))
                    ShortCalls.Direct(call, ports);
                return ValueTask.CompletedTask;
            });
        }
    }

    /// <summary>Whether a call may be sent as a <see cref="ShortCalls">short call</see>, which may mean twice.</summary>
    private static bool IsShort(HttpRequest request) =>
        RepeatableCalls.Contains(request) && !(request.QueryString.HasValue && request.Query.ContainsKey(WaitParameter));

    private static ValueTask DropHost(RequestTransformContext context)
    {
        context.ProxyRequest.Headers.Host = null;
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Sends the headers at once. YARP sends them with the first bytes of the body, but the client of a stream should know that the stream
    /// is open before the first event.
    /// </summary>
    private static async ValueTask SendHeadersAsync(ResponseTransformContext context)
    {
        if (context.ProxyResponse?.Content.Headers.ContentType?.MediaType == "text/event-stream")
            await context.HttpContext.Response.Body.FlushAsync(context.CancellationToken);
    }
}
