using GameStack.Backend.GameServers;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;
using Microsoft.AspNetCore.Diagnostics;
using Npgsql;

namespace GameStack.Backend.Api;

/// <summary>A call that Redis, Postgres or the API server of Kubernetes broke off is answered 503 with Retry-After; whether it took effect is unknown, and every call may be made again.</summary>
internal sealed partial class DependencyAwayHandler(ILogger<DependencyAwayHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!QueueFault.Is(exception) && exception is not (NpgsqlException or MatchRecordsUnavailableException or FleetUnavailableException))
        {
            return false;
        }

        Log.Away(logger, exception.GetType().Name, exception.Message);
        await Problems.DependencyAway(httpContext.Response).ExecuteAsync(httpContext);
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(180, LogLevel.Warning, "A call could not be served: {Kind}: {Reason}")]
        public static partial void Away(ILogger logger, string kind, string reason);
    }
}
