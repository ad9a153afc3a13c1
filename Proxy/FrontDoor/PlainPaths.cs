using System.Buffers;

namespace GameStack.Proxy.FrontDoor;

/// <summary>
/// Refuses paths that would mean something else if a program behind the proxy decoded or normalized them once more. Here, paths are already
/// decoded and normalized: <c>/api/match/%252e%252e/cleanup</c> is <c>/api/match/%2e%2e/cleanup</c> here, and could become <c>/cleanup</c>
/// there. No path of the API needs such characters: player ids are in queries and bodies, and session ids are uuids.
/// </summary>
internal sealed class PlainPaths(RequestDelegate next)
{
    private static readonly SearchValues<string> Suspicious = SearchValues.Create(["%", "\\", "//", "/.", ";"], StringComparison.Ordinal);

    public Task InvokeAsync(HttpContext context) =>
        context.Request.Path.Value.AsSpan().ContainsAny(Suspicious) ? Problem.NotFoundAsync(context) : next(context);
}
