using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;

namespace LocalServers;

/// <summary>A Redis server on this machine, at 127.0.0.1.</summary>
public sealed class RedisServer : ILocalServer
{
    private static readonly string[] UserNames = ["redis", "nobody"];
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

    /// <summary>Finds or unpacks the server's programs, so that nothing has to be fetched later.</summary>
    /// <exception cref="LocalServerUnavailableException">The server cannot run on this machine.</exception>
    public static Task FindProgramsAsync(LocalServerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return OperatingSystem.IsWindows()
            ? throw LocalServerUnavailableException.OnWindows(ServerPackage.Redis.Server)
            : ServerPrograms.FindAsync(ServerPackage.Redis, options, ServerUser.Choose(ServerPackage.Redis.Server, UserNames), cancellationToken);
    }

    /// <summary>Creates the server's files, so that another program can start the server.</summary>
    /// <exception cref="LocalServerUnavailableException">The server cannot run on this machine.</exception>
    public static Task<ServerPlan> PrepareAsync(LocalServerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return OperatingSystem.IsWindows()
            ? throw LocalServerUnavailableException.OnWindows(ServerPackage.Redis.Server)
            : PrepareOnUnixAsync(options, cancellationToken);
    }

    /// <summary>Starts the server and waits until it answers.</summary>
    /// <exception cref="LocalServerUnavailableException">The server cannot run on this machine.</exception>
    public static async Task<RedisServer> StartAsync(LocalServerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var plan = await PrepareAsync(options, cancellationToken);
        var (process, port) = await ServerLaunch.StartAsync(plan, cancellationToken);
        return new RedisServer(process, port, options.Password);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _process.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [UnsupportedOSPlatform("windows")]
    private static async Task<ServerPlan> PrepareOnUnixAsync(LocalServerOptions options, CancellationToken cancellationToken)
    {
        var user = ServerUser.Choose(ServerPackage.Redis.Server, UserNames);
        var programs = await ServerPrograms.FindAsync(ServerPackage.Redis, options, user, cancellationToken);
        var folder = await ServerFolder.ReachableAsync(options.DataFolder, user, options.Log, cancellationToken);
        var data = Path.Combine(folder, "data");
        var configuration = Path.Combine(data, "redis.conf");
        await ServerFolder.MakePrivateAsync(data, user, cancellationToken);
        return new ServerPlan
        {
            Server = ServerPackage.Redis.Server,
            Options = options,
            Folder = folder,
            StopSignal = "TERM",
            ReadyText = "Ready to accept connections",
            LibraryPath = programs.LibraryPath,
            User = user,
            CommandAsync = async (port, cancelled) =>
            {
                // In a file, since every user of the machine can read a command line.
                await ServerFolder.WritePrivateFileAsync(configuration, Configuration(options, data, port), cancelled);
                await ServerFolder.GiveAsync(configuration, user, cancelled);
                return [programs["redis-server"], configuration];
            },
            ProbeAsync = (port, cancelled) => PingAsync(port, options.Password, cancelled),
        };
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

    /// <summary>Checks that this Redis answers on the port and accepts this password.</summary>
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
                throw LocalServerUnavailableException.For("Redis", $"it answered \"{answer}\" instead of {expected}.");
            }
        }
    }
}
