using Microsoft.Extensions.Logging;

namespace GameStack.AppHost.Servers;

internal static partial class ServerLog
{
    [LoggerMessage(EventIds.ServerPreparing, LogLevel.Information, "{Line}")]
    public static partial void Preparing(ILogger logger, string line);
}
