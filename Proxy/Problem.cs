namespace GameStack.Proxy;

/// <summary>The proxy's own answers, as RFC 9457 problem details.</summary>
internal static class Problem
{
    /// <summary>
    /// Writes a problem, whatever the request's <c>Accept</c> says: a client that asked for an event stream still needs to know why there
    /// is none.
    /// </summary>
    public static Task WriteAsync(HttpContext context, int statusCode, string detail) =>
        TypedResults.Problem(detail, statusCode: statusCode).ExecuteAsync(context);

    public static Task NotFoundAsync(HttpContext context) =>
        WriteAsync(context, StatusCodes.Status404NotFound, "There is nothing at this address.");
}
