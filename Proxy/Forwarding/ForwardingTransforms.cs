using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace GameStack.Proxy.Forwarding;

/// <summary>How a call looks to the backend.</summary>
internal static class ForwardingTransforms
{
    private const string Prefix = "/api";

    public static void Add(TransformBuilderContext context)
    {
        context.AddPathRemovePrefix(Prefix);

        // Set, not appended: what a client says of who forwarded it is believed only through FrontDoor.TrustedProxies,
        // which has by then put the real client in the connection's place.
        context.AddXForwarded(ForwardedTransformActions.Set);
        context.AddRequestHeader("X-Forwarded-Prefix", Prefix, append: false);
        context.AddRequestHeaderRemove("Forwarded");
        context.AddRequestHeaderRemove("X-Real-IP");

        // The body is here already (RequestBodyBuffer): nobody has to be asked whether it may be sent.
        context.AddRequestHeaderRemove(HeaderNames.Expect);
        context.AddResponseHeaderRemove(HeaderNames.Server, ResponseCondition.Always);

        if (context.Route.RouteId == ForwardingRoutes.EventsRouteId)
            context.AddResponseTransform(SendHeadersAsync);
    }

    /// <summary>YARP sends the headers with the first bytes of the body; a stream is open, and its client should know, before it has an event.</summary>
    private static async ValueTask SendHeadersAsync(ResponseTransformContext context)
    {
        if (context.ProxyResponse?.Content.Headers.ContentType?.MediaType == "text/event-stream")
            await context.HttpContext.Response.Body.FlushAsync(context.CancellationToken);
    }
}
