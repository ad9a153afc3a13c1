using Microsoft.Extensions.Logging;

namespace GameStack.AppHost.Servers;

internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Information, "{Line}")]
    public static partial void Preparing(ILogger logger, string line);
}
