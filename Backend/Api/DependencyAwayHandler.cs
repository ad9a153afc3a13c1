using GameStack.Backend.Matches;
using Microsoft.AspNetCore.Diagnostics;
using Npgsql;
using StackExchange.Redis;

namespace GameStack.Backend.Api;

/// <summary>A call that Redis or Postgres broke off is answered 503 with Retry-After; whether it took effect is unknown, and every call may be made again.</summary>
internal sealed partial class DependencyAwayHandler(IProblemDetailsService problems, ILogger<DependencyAwayHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not (RedisException or RedisTimeoutException or NpgsqlException or MatchRecordsUnavailableException))
        {
            return false;
        }

        Log.Away(logger, exception.GetType().Name, exception.Message);
        httpContext.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        httpContext.Response.Headers.RetryAfter = "1";
        return await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            ProblemDetails = { Status = 503, Title = "A dependency is away", Detail = "Try again: every call of this API may be repeated." },
        });
    }

    private static partial class Log
    {
        [LoggerMessage(180, LogLevel.Warning, "A call could not be served: {Kind}: {Reason}")]
        public static partial void Away(ILogger logger, string kind, string reason);
    }
}
