using Microsoft.AspNetCore.Diagnostics;

namespace GameStack.Backend.Api;

/// <summary>Answers 503 with Retry-After when a dependency is unavailable. Clients may repeat every call.</summary>
internal sealed partial class DependencyUnavailableHandler(ILogger<DependencyUnavailableHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not DependencyUnavailableException unavailable)
        {
            return false;
        }

        if (unavailable.Outage is { } outage)
        {
            Log.NotServedFor(logger, outage.TotalSeconds, unavailable.Message);
        }
        else
        {
            Log.NotServed(logger, unavailable.Message);
        }

        await Problems.DependencyUnavailable(httpContext.Response, unavailable.RetryAfter).ExecuteAsync(httpContext);
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotServed, LogLevel.Warning, "A call failed: {Reason}")]
        public static partial void NotServed(ILogger logger, string reason);

        [LoggerMessage(EventIds.NotServedFor, LogLevel.Debug,
            "A call failed, {Seconds:0.0} s into an outage that is logged already: {Reason}")]
        public static partial void NotServedFor(ILogger logger, double seconds, string reason);
    }
}
