using GameStack.Proxy.Gateway.WebSockets;
using Microsoft.AspNetCore.Http.Features;

namespace GameStack.Proxy.FrontDoor;

/// <summary>
/// Refuses <c>CONNECT</c>, with an address or with a path: this proxy opens no tunnels, and the call cannot be forwarded to a backend. Only
/// <c>/play</c> takes it from a browser on HTTP/2, which opens a WebSocket with it (RFC 8441: <c>:protocol</c> is <c>websocket</c>).
/// </summary>
internal sealed class NoTunnels(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) => HttpMethods.IsConnect(context.Request.Method) && !OpensWebSocket(context)
        ? Problem.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "This proxy opens no tunnels.")
        : next(context);

    private static bool OpensWebSocket(HttpContext context) =>
        context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: var protocol }
        && string.Equals(protocol, "websocket", StringComparison.OrdinalIgnoreCase)
        && context.Request.Path.StartsWithSegments(PlayEndpoint.Path, out var rest) && rest.Value is null or "" or "/";
}
