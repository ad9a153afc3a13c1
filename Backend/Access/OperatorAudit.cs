using System.Net;

namespace GameStack.Backend.Access;

/// <summary>Logs what operators do, under a category of its own: who, what, from where, and how it was answered.</summary>
internal sealed partial class OperatorAudit(ILoggerFactory loggers)
{
    public const string Category = "GameStack.Audit";

    private readonly ILogger _logger = loggers.CreateLogger(Category);

    /// <param name="context">The operator's call.</param>
    /// <param name="name">The operator's name.</param>
    /// <param name="answer">The status code of the answer; null if the call failed without one.</param>
    public void Acted(HttpContext context, string name, int? answer)
    {
        // The pattern and not the path, which may have any character.
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        var match = Guid.TryParse(context.Request.RouteValues["session_id"] as string, out var id) ? id.ToString() : "-";
        var address = context.Connection.RemoteIpAddress;
        Log.Acted(
            _logger, name, context.Request.Method, route, match, address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address,
            answer?.ToString() ?? "a failure");
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.OperatorActed, LogLevel.Information,
            "Operator {Operator} called {Method} {Route} (match {MatchId}) from {Address}; the answer was {Answer}")]
        public static partial void Acted(
            ILogger logger, string @operator, string method, string? route, string matchId, IPAddress? address, string answer);
    }
}
