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

        Log.NotServed(logger, unavailable.Message);
        await Problems.DependencyUnavailable(httpContext.Response, unavailable.RetryAfter).ExecuteAsync(httpContext);
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(180, LogLevel.Warning, "Could not serve a call: {Reason}")]
        public static partial void NotServed(ILogger logger, string reason);
    }
}
