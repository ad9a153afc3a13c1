using System.Collections.Concurrent;
using Microsoft.AspNetCore.Diagnostics;

namespace GameStack.Backend.Api;

/// <summary>Answers 503 with Retry-After when a dependency is unavailable. Clients may repeat every call.</summary>
internal sealed partial class DependencyUnavailableHandler(TimeProvider time, ILogger<DependencyUnavailableHandler> logger)
    : IExceptionHandler
{
    /// <summary>During an outage every call may fail, so only one failure in this time is a warning.</summary>
    private static readonly TimeSpan WarningPeriod = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, long> _warned = new(StringComparer.Ordinal);

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not DependencyUnavailableException unavailable)
        {
            return false;
        }

        // An outage of known length is in the log already.
        if (unavailable.Outage is null && IsFirst(unavailable.Dependency))
        {
            Log.NotServed(logger, unavailable.Message);
        }
        else
        {
            Log.NotServedEither(logger, unavailable.Message);
        }

        await Problems.DependencyUnavailable(httpContext.Response, unavailable.RetryAfter).ExecuteAsync(httpContext);
        return true;
    }

    private bool IsFirst(string dependency)
    {
        var now = time.GetTimestamp();
        return _warned.TryGetValue(dependency, out var last)
            ? time.GetElapsedTime(last, now) >= WarningPeriod && _warned.TryUpdate(dependency, now, last)
            : _warned.TryAdd(dependency, now);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotServed, LogLevel.Warning,
            "A call failed: {Reason} (Further failures within a minute are logged at level Debug)")]
        public static partial void NotServed(ILogger logger, string reason);

        [LoggerMessage(EventIds.NotServedEither, LogLevel.Debug, "A call failed: {Reason}")]
        public static partial void NotServedEither(ILogger logger, string reason);
    }
}
