using System.Text;

namespace LocalServers;

/// <summary>The contents of redis.conf.</summary>
internal static class RedisConfiguration
{
    public static string Text(LocalServerOptions options, string data, int port)
    {
        var text = new StringBuilder()
            .AppendLine("bind 127.0.0.1")
            .AppendLine($"port {port}")
            .AppendLine($"dir {Quote(data)}")
            .AppendLine("daemonize no")
            .AppendLine("save \"\"")
            .AppendLine($"appendonly {(options.Durable ? "yes" : "no")}");
        if (options.Password is { } password)
        {
            text.AppendLine($"requirepass {Quote(password)}");
        }

        return text.ToString();
    }

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
