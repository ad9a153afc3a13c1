using System.Globalization;
using System.Threading.RateLimiting;

namespace GameStack.Proxy.RateLimiting;

/// <summary>The answer to a call over a limit: 429, with <c>Retry-After</c> and a sentence that says which limit.</summary>
internal static class TooManyCalls
{
    public static Task AnswerAsync(HttpContext context, RateLimitLease lease, string detail)
    {
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var asked) ? asked : TimeSpan.Zero;
        context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return Problem.WriteAsync(context, StatusCodes.Status429TooManyRequests, detail);
    }
}
