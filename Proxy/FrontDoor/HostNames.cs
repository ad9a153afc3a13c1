namespace GameStack.Proxy.FrontDoor;

/// <summary>
/// Refuses a <c>Host</c> that is no host name, such as <c>xn--</c>, since everything that asks for it would throw. An empty one is no host
/// at all.
/// </summary>
internal sealed class HostNames(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.Host is [""])
            request.Headers.Host = default;

        return IsReadable(request)
            ? next(context)
            : Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The header Host has no valid host name.");
    }

    private static bool IsReadable(HttpRequest request)
    {
        try
        {
            _ = request.Host.ToUriComponent();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
