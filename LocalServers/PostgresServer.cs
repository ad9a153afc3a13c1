using System.Net;
using System.Runtime.Versioning;

namespace LocalServers;

/// <summary>A Postgres server on this machine, at 127.0.0.1.</summary>
public sealed class PostgresServer : ILocalServer
{
    internal const string DefaultUser = "postgres";
    private readonly ServerProcess _process;
    private readonly string _password;

    private PostgresServer(ServerProcess process, int port, string password)
    {
        _process = process;
        Port = port;
        _password = password;
    }

    public int Port { get; }

    /// <summary>The connection string of the database <c>postgres</c>, for Npgsql.</summary>
    public string ConnectionString => ConnectionStringFor("postgres");

    public int ProcessId => _process.ProcessId;

    public Task<int> Exited => _process.Exited;

    /// <summary>Finds or unpacks the server's programs, so that nothing has to be fetched later.</summary>
    /// <exception cref="LocalServerUnavailableException">The server cannot run on this machine.</exception>
    public static Task FindProgramsAsync(LocalServerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return OperatingSystem.IsWindows()
            ? throw LocalServerUnavailableException.OnWindows(ServerPackage.Postgres.Server)
            : ServerPrograms.FindAsync(ServerPackage.Postgres, options, ServerUser.Choose(ServerPackage.Postgres), cancellationToken);
    }

    /// <summary>Creates the cluster if there is none, so that another program can start the server.</summary>
    /// <exception cref="LocalServerUnavailableException">The server cannot run on this machine.</exception>
    public static async Task<ServerPlan> PrepareAsync(LocalServerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return OperatingSystem.IsWindows()
            ? throw LocalServerUnavailableException.OnWindows(ServerPackage.Postgres.Server)
            : (await PrepareOnUnixAsync(options, cancellationToken)).Plan;
    }

    /// <summary>Creates the cluster if there is none, starts the server, and waits until it accepts connections.</summary>
    /// <exception cref="LocalServerUnavailableException">The server cannot run on this machine.</exception>
    public static async Task<PostgresServer> StartAsync(LocalServerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (OperatingSystem.IsWindows())
        {
            throw LocalServerUnavailableException.OnWindows(ServerPackage.Postgres.Server);
        }

        var (plan, password) = await PrepareOnUnixAsync(options, cancellationToken);
        var (process, port) = await ServerLaunch.StartAsync(plan, cancellationToken);
        return new PostgresServer(process, port, password);
    }

    public string ConnectionStringFor(string database) => PostgresClient.ConnectionString(Port, _password, database);

    /// <summary>Creates a database, unless one with this name exists.</summary>
    public Task CreateDatabaseAsync(string name, CancellationToken cancellationToken) =>
        CreateDatabaseAsync(ConnectionString, name, cancellationToken);

    /// <summary>Creates a database on the Postgres of <paramref name="connectionString"/>, unless one with this name exists.</summary>
    public static Task CreateDatabaseAsync(string connectionString, string name, CancellationToken cancellationToken) =>
        PostgresClient.CreateDatabaseAsync(connectionString, name, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _process.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [UnsupportedOSPlatform("windows")]
    private static async Task<(ServerPlan Plan, string Password)> PrepareOnUnixAsync(
        LocalServerOptions options, CancellationToken cancellationToken)
    {
        var user = ServerUser.Choose(ServerPackage.Postgres);
        var programs = await ServerPrograms.FindAsync(ServerPackage.Postgres, options, user, cancellationToken);
        var folder = await ServerFolder.ReachableAsync(options.DataFolder, user, options.Log, cancellationToken);
        var cluster = new PostgresCluster(folder, programs, user, options);
        var password = await cluster.PrepareAsync(cancellationToken);
        return (new ServerPlan
        {
            Server = ServerPackage.Postgres.Server,
            Options = options,
            Folder = folder,
            StopSignal = "INT",
            ReadyText = "database system is ready to accept connections",
            LibraryPath = programs.LibraryPath,
            User = user,
            CommandAsync = (port, _) => Task.FromResult<IReadOnlyList<string>>(
                [programs["postgres"], "-D", cluster.DataFolder, .. Settings(options, port)]),
            ProbeAsync = (port, cancelled) => PostgresClient.ProbeAsync(port, password, cancelled),
        }, password);
    }

    private static IEnumerable<string> Settings(LocalServerOptions options, int port)
    {
        List<string> settings =
        [
            $"port={port}",
            $"listen_addresses={IPAddress.Loopback}",
            "unix_socket_directories=",
            "max_connections=200",

            // GMT is built in; any other zone needs files that unpacked programs may not find. JIT needs LLVM and gains nothing.
            "timezone=GMT",
            "log_timezone=GMT",
            "jit=off",
        ];
        if (!options.Durable)
        {
            settings.AddRange(["fsync=off", "synchronous_commit=off", "full_page_writes=off"]);
        }

        return settings.SelectMany(setting => new[] { "-c", setting });
    }
}
