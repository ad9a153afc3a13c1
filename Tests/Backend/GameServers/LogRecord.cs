using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Backend.GameServers;

internal sealed record LogRecord(int EventId, LogLevel Level, string Message, IReadOnlyDictionary<string, object?> Properties);
