using System.Runtime.Versioning;

namespace LocalServers;

/// <summary>A Redis server on this machine, at 127.0.0.1.</summary>
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

    public int Port { get; }

    /// <summary><c>127.0.0.1:6379,password=…</c>, as StackExchange.Redis reads it.</summary>
    public string ConnectionString => _password is null ? $"127.0.0.1:{Port}" : $"127.0.0.1:{Port},password={_password}";

    public int ProcessId => _process.ProcessId;

    public Task<int> Exited => _process.Exited;

    /// <summary>Finds or unpacks the server's programs, so that nothing has to be fetched later.</summary>
    /// <exception cref="LocalServerUnavailableException">The server cannot run on this machine.</exception>
    public static Task FindProgramsAsync(LocalServerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return OperatingSystem.IsWindows()
            ? throw LocalServerUnavailableException.OnWindows(ServerPackage.Redis.Server)
            : ServerPrograms.FindAsync(ServerPackage.Redis, options, ServerUser.Choose(ServerPackage.Redis), cancellationToken);
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
        var user = ServerUser.Choose(ServerPackage.Redis);
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
                await ServerFolder.WritePrivateFileAsync(configuration, RedisConfiguration.Text(options, data, port), cancelled);
                await ServerFolder.GiveAsync(configuration, user, cancelled);
                return [programs["redis-server"], configuration];
            },
            ProbeAsync = (port, cancelled) => RedisPing.SendAsync(port, options.Password, cancelled),
        };
    }
}
