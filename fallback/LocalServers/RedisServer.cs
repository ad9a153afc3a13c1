using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;

namespace LocalServers;

/// <summary>A Redis of this machine, on 127.0.0.1.</summary>
public sealed class RedisServer : ILocalServer
{
    private readonly ServerProcess _process;
    private readonly string? _password;

    private RedisServer(ServerProcess process, int port, string? password)
    {
        _process = process;
        _password = password;
        Port = port;
    }

    public string Host => "127.0.0.1";

    public int Port { get; }

    /// <summary><c>127.0.0.1:6379,password=…</c>, as StackExchange.Redis reads it.</summary>
    public string ConnectionString => _password is null ? $"{Host}:{Port}" : $"{Host}:{Port},password={_password}";

    public int ProcessId => _process.ProcessId;

    public Task<int> Exited => _process.Exited;

    /// <summary>Starts it and waits until it answers.</summary>
    /// <exception cref="LocalServerUnavailableException">It cannot run here.</exception>
    public static Task<RedisServer> StartAsync(LocalServerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return OperatingSystem.IsWindows()
            ? throw LocalServerUnavailableException.For("Redis", "its programs are run on Linux and macOS only.")
            : StartOnUnixAsync(options, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _process.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [UnsupportedOSPlatform("windows")]
    private static async Task<RedisServer> StartOnUnixAsync(LocalServerOptions options, CancellationToken cancellationToken)
    {
        var user = ServerUser.Choose("Redis", "redis", "nobody");
        var programs = await ServerPrograms.FindAsync(ServerPackage.Redis, options, user, cancellationToken);
        var folder = await ServerFolder.ReachableAsync(options.DataFolder, user, options.Log, cancellationToken);
        var data = Path.Combine(folder, "data");
        var configuration = Path.Combine(data, "redis.conf");
        await ServerFolder.MakePrivateAsync(data, user, cancellationToken);

        var (process, port) = await new ServerLaunch
        {
            Server = "Redis",
            Options = options,
            Folder = folder,
            StopSignal = "TERM",
            ReadyText = "Ready to accept connections",
            LibraryPath = programs.LibraryPath,
            Command = async (port, cancelled) =>
            {
                // In a file, since a command line can be read by every user of the machine.
                await ServerFolder.WritePrivateFileAsync(configuration, Configuration(options, data, port), cancelled);
                await ServerFolder.GiveAsync(configuration, user, cancelled);
                return ServerUser.CommandLine(user, [programs["redis-server"], configuration]);
            },
            Probe = (port, cancelled) => PingAsync(port, options.Password, cancelled),
        }.StartAsync(cancellationToken);
        return new RedisServer(process, port, options.Password);
    }

    private static string Configuration(LocalServerOptions options, string data, int port)
    {
        var text = new StringBuilder()
            .AppendLine($"bind 127.0.0.1")
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

    /// <summary>Whether it is this Redis that answers on the port, with this password.</summary>
    private static async Task PingAsync(int port, string? password, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream);
        if (password is not null)
        {
            await SayAsync($"*2\r\n$4\r\nAUTH\r\n${Encoding.UTF8.GetByteCount(password)}\r\n{password}\r\n", "+OK");
        }

        await SayAsync("*1\r\n$4\r\nPING\r\n", "+PONG");

        async Task SayAsync(string command, string expected)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(command), cancellationToken);
            var answer = await reader.ReadLineAsync(cancellationToken);
            if (answer != expected)
            {
                throw LocalServerUnavailableException.For("Redis", $"it answered \"{answer}\" where {expected} was expected.");
            }
        }
    }
}
