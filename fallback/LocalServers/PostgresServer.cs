using System.Net;
using Npgsql;

namespace LocalServers;

/// <summary>A Postgres of this machine, on 127.0.0.1.</summary>
public sealed class PostgresServer : ILocalServer
{
    internal const string DefaultUser = "postgres";
    private const int PortTries = 5;
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
    public static async Task<PostgresServer> StartAsync(LocalServerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (OperatingSystem.IsWindows())
        {
            throw LocalServerUnavailableException.For("Postgres", "its programs are run on Linux and macOS only.");
        }

        var user = ServerUser.Choose("Postgres", "postgres", "nobody");
        var programs = await ServerPrograms.FindAsync(ServerPackage.Postgres, options, user, cancellationToken);
        var folder = await ServerFolder.ReachableAsync(options.DataFolder, user, options.Log, cancellationToken);
        var cluster = new PostgresCluster(folder, programs, user, options);
        var password = await cluster.PrepareAsync(cancellationToken);

        for (var tries = 1; ; tries++)
        {
            var port = options.Port == 0 ? ServerProcess.FreePort() : options.Port;
            var process = ServerProcess.Start(
                ServerUser.CommandLine(user, [programs["postgres"], "-D", cluster.DataFolder, .. Settings(options, port)]),
                cluster.LockFile,
                stopSignal: "INT",
                readyText: "database system is ready to accept connections",
                programs.LibraryPath,
                options.Log);
            try
            {
                if (await process.WaitUntilReadyAsync(cancellationToken))
                {
                    var server = new PostgresServer(process, port, password);
                    await server.QueryAsync("SELECT 1", cancellationToken);
                    return server;
                }

                var exit = await process.DescribeExitAsync(cancellationToken);
                if (await process.Exited == ServerProcess.LockedExitCode)
                {
                    throw PostgresCluster.InUse(folder);
                }

                if (options.Port != 0 || tries == PortTries || !exit.Contains("Address already in use", StringComparison.Ordinal))
                {
                    throw LocalServerUnavailableException.For("Postgres", exit);
                }
            }
            catch
            {
                await process.DisposeAsync();
                throw;
            }

            await process.DisposeAsync();
        }
    }

    public string ConnectionStringFor(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = Host,
        Port = Port,
        Username = User,
        Password = Password,
        Database = database,
    }.ConnectionString;

    /// <summary>Makes a database, unless there is one of this name.</summary>
    public async Task CreateDatabaseAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        try
        {
            await QueryAsync($"CREATE DATABASE \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // There already, or made by somebody else at this very moment.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _process.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

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

    private async Task QueryAsync(string sql, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false });
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
