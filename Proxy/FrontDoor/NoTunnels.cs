namespace GameStack.Proxy.FrontDoor;

/// <summary>
/// Refuses <c>CONNECT</c>, with an address or with a path: this proxy opens no tunnels, and the call cannot be forwarded to a backend.
/// </summary>
internal sealed class NoTunnels(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) => HttpMethods.IsConnect(context.Request.Method)
        ? Problem.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "This proxy opens no tunnels.")
        : next(context);
}
