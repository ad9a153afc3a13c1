using GameStack.Proxy.CrossOrigin;

namespace GameStack.Proxy.Gateway.WebSockets;

/// <summary>
/// Decides which pages may open <c>/play</c>, since no browser does so for WebSockets: those of the proxy's own address, and those of
/// <c>Cors__Origins</c>. A program that is no browser sends no origin.
/// </summary>
internal static class PlayOrigins
{
    public static bool Allow(HttpRequest request, CrossOriginOptions others)
    {
        var origin = request.Headers.Origin;
        return origin.Count == 0 || others.Allows(origin.ToString()) || ForeignOrigins.IsOwn(origin, request);
    }
}
