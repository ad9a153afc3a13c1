using System.Net;
using System.Runtime.Versioning;
using Npgsql;

namespace LocalServers;

/// <summary>A Postgres of this machine, on 127.0.0.1.</summary>
public sealed class PostgresServer : ILocalServer
{
    internal const string DefaultUser = "postgres";
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

    /// <summary>The database <c>postgres</c>, as Npgsql reads it.</summary>
    public string ConnectionString => ConnectionStringFor("postgres");

    public int ProcessId => _process.ProcessId;

    public Task<int> Exited => _process.Exited;

    /// <summary>Starts it, after making its cluster if there is none, and waits until it lets somebody in.</summary>
    /// <exception cref="LocalServerUnavailableException">It cannot run here.</exception>
    public static Task<PostgresServer> StartAsync(LocalServerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return OperatingSystem.IsWindows()
            ? throw LocalServerUnavailableException.For("Postgres", "its programs are run on Linux and macOS only.")
            : StartOnUnixAsync(options, cancellationToken);
    }

    public string ConnectionStringFor(string database) => ConnectionStringOf(Port, Password, database);

    /// <summary>Makes a database, unless there is one of this name.</summary>
    public async Task CreateDatabaseAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        try
        {
            await QueryAsync(ConnectionString, $"CREATE DATABASE \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // There already, or made by somebody else at this very moment.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _process.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [UnsupportedOSPlatform("windows")]
    private static async Task<PostgresServer> StartOnUnixAsync(LocalServerOptions options, CancellationToken cancellationToken)
    {
        var user = ServerUser.Choose("Postgres", "postgres", "nobody");
        var programs = await ServerPrograms.FindAsync(ServerPackage.Postgres, options, user, cancellationToken);
        var folder = await ServerFolder.ReachableAsync(options.DataFolder, user, options.Log, cancellationToken);
        var cluster = new PostgresCluster(folder, programs, user, options);
        var password = await cluster.PrepareAsync(cancellationToken);

        var (process, port) = await new ServerLaunch
        {
            Server = "Postgres",
            Options = options,
            Folder = folder,
            StopSignal = "INT",
            ReadyText = "database system is ready to accept connections",
            LibraryPath = programs.LibraryPath,
            Command = (port, _) => Task.FromResult(
                ServerUser.CommandLine(user, [programs["postgres"], "-D", cluster.DataFolder, .. Settings(options, port)])),
            Probe = (port, cancelled) => QueryAsync(ConnectionStringOf(port, password, "postgres"), "SELECT 1", cancelled),
        }.StartAsync(cancellationToken);
        return new PostgresServer(process, port, password);
    }

    private static IEnumerable<string> Settings(LocalServerOptions options, int port)
    {
        List<string> settings =
        [
            $"port={port}",
            $"listen_addresses={IPAddress.Loopback}",
            "unix_socket_directories=",
            "max_connections=200",

            // GMT is built in; any other zone needs files that unpacked programs may not find. The compiler needs LLVM and gains nothing here.
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

    private static async Task QueryAsync(string connectionString, string sql, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
