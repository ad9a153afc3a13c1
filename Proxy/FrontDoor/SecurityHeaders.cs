namespace GameStack.Proxy.FrontDoor;

/// <summary>
/// Adds headers for the only page (the API's documentation), and for browsers that are lured into opening any other address.
/// </summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    public static void AddTo(HttpResponse response)
    {
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.XFrameOptions = "DENY";
        response.Headers["Referrer-Policy"] = "no-referrer";
    }

    public Task InvokeAsync(HttpContext context)
    {
        AddTo(context.Response);
        return next(context);
    }
}
