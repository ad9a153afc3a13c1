using System.Net;
using System.Runtime.Versioning;
using Npgsql;

namespace LocalServers;

/// <summary>A Postgres server on this machine, at 127.0.0.1.</summary>
public sealed class PostgresServer : ILocalServer
{
    internal const string DefaultUser = "postgres";
    private static readonly string[] UserNames = ["postgres", "nobody"];
    private readonly ServerProcess _process;

    private PostgresServer(ServerProcess process, int port, string password)
    {
        _process = process;
        Port = port;
        Password = password;
    }

    public string Host => "127.0.0.1";

    public int Port { get; }

    public string User { get; } = DefaultUser;

    public string Password { get; }

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
            : ServerPrograms.FindAsync(ServerPackage.Postgres, options, ServerUser.Choose(ServerPackage.Postgres.Server, UserNames), cancellationToken);
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

    public string ConnectionStringFor(string database) => ConnectionStringOf(Port, Password, database);

    /// <summary>Creates a database, unless one with this name exists.</summary>
    public Task CreateDatabaseAsync(string name, CancellationToken cancellationToken) => CreateDatabaseAsync(ConnectionString, name, cancellationToken);

    /// <summary>Creates a database on the Postgres of <paramref name="connectionString"/>, unless one with this name exists.</summary>
    public static async Task CreateDatabaseAsync(string connectionString, string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });

        // Check first: otherwise Postgres would log an error at every start.
        await using var find = source.CreateCommand("SELECT 1 FROM pg_database WHERE datname = $1");
        find.Parameters.Add(new() { Value = name });
        if (await find.ExecuteScalarAsync(cancellationToken) is not null)
        {
            return;
        }

        try
        {
            await using var create = source.CreateCommand($"CREATE DATABASE \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another process has just created the database.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _process.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [UnsupportedOSPlatform("windows")]
    private static async Task<(ServerPlan Plan, string Password)> PrepareOnUnixAsync(LocalServerOptions options, CancellationToken cancellationToken)
    {
        var user = ServerUser.Choose(ServerPackage.Postgres.Server, UserNames);
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
            ProbeAsync = (port, cancelled) => ProbeAsync(ConnectionStringOf(port, password, "postgres"), cancelled),
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

    private static string ConnectionStringOf(int port, string password, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = port,
        Username = DefaultUser,
        Password = password,
        Database = database,
    }.ConnectionString;

    private static async Task ProbeAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
        await using var command = source.CreateCommand("SELECT 1");
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
