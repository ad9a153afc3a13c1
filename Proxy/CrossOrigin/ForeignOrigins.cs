using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace GameStack.Proxy.CrossOrigin;

/// <summary>
/// Refuses calls that change something and come from a web page of another origin, unless <c>Cors__Origins</c> has this origin. Without
/// this check, any page that a player opens could end the player's match: a browser sends such calls, and only hides their answers from
/// the page. Programs that are not browsers send no header <c>Origin</c>.
/// </summary>
internal sealed class ForeignOrigins(RequestDelegate next, IOptions<CrossOriginOptions> options)
{
    private readonly CrossOriginOptions _options = options.Value;

    public Task InvokeAsync(HttpContext context)
    {
        var origin = context.Request.Headers.Origin;
        var isAllowed = origin.Count > 0 && _options.Allows(origin.ToString());

        // With an allowed origin, the CORS middleware says so itself.
        if (_options.IsOn && !_options.AllowsAny && !isAllowed)
            context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Origin);

        // Only operators have a cookie, and a page that may call the API has not got their rights.
        var isOwn = origin.Count == 0 || IsOwn(origin, context.Request);
        if (!isOwn)
            context.Request.Headers.Cookie = default;

        if (!CanBeRepeated(context.Request.Headers.AccessControlRequestMethod)
            || !CanBeRepeated(context.Request.Headers.AccessControlRequestHeaders))
        {
            return Problem.WriteAsync(
                context, StatusCodes.Status400BadRequest, "The headers Access-Control-Request-… must be visible ASCII.");
        }

        return isOwn || isAllowed || OnlyReads(context.Request)
            ? next(context)
            : Problem.WriteAsync(
                context,
                StatusCodes.Status403Forbidden,
                "This call comes from a web page of another origin; the proxy's setting Cors__Origins lists the origins that may make it.");
    }

    /// <summary>
    /// Whether the origin is the proxy's own. Scheme and host are those that the client used: <see cref="FrontDoor.TrustedProxies"/> has
    /// already replaced them.
    /// </summary>
    public static bool IsOwn(StringValues origin, HttpRequest request) =>
        WebOrigin.TryParse(origin.ToString(), out var page)
        && WebOrigin.TryParse($"{request.Scheme}://{request.Host}", out var target)
        && page.IsAt(target);

    /// <summary>The answer to a browser that asks for permission repeats what it asks for.</summary>
    private static bool CanBeRepeated(StringValues header) =>
        header.All(value => value is null || !value.AsSpan().ContainsAnyExceptInRange(' ', '~'));

    /// <summary>With <c>CONNECT</c>, a page can only open a WebSocket, as with GET; /play checks its origin.</summary>
    private static bool OnlyReads(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method)
        || HttpMethods.IsConnect(request.Method);
}
