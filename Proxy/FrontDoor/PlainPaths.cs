using System.Buffers;

namespace GameStack.Proxy.FrontDoor;

/// <summary>
/// Refuses paths, decoded and normalized as they are here, that would mean something else if anything behind the proxy decoded or normalized
/// them once more: <c>/api/match/%252e%252e/cleanup</c> is <c>/api/match/%2e%2e/cleanup</c> here, and could become <c>/cleanup</c> there. None of
/// the API's paths needs any of this: player ids are in queries and bodies, session ids are uuids.
/// </summary>
internal sealed class PlainPaths(RequestDelegate next)
{
    private static readonly SearchValues<string> Suspicious = SearchValues.Create(["%", "\\", "//", "/.", ";"], StringComparison.Ordinal);

    public Task InvokeAsync(HttpContext context) =>
        context.Request.Path.Value.AsSpan().ContainsAny(Suspicious) ? Problem.NotFoundAsync(context) : next(context);
}
