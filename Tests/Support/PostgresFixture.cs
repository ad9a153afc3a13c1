using GameStack.Tests.Support;
using LocalServers;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace GameStack.Tests.Support;

/// <summary>A real Postgres for tests.</summary>
public sealed class PostgresFixture : LocalServerFixture<PostgresServer>
{
    /// <summary>A new, empty database on the shared server, and the connection string to it.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var server = await GetAsync();
        var name = $"test_{Guid.NewGuid():N}";
        await server.CreateDatabaseAsync(name, TestContext.Current.CancellationToken);

        // Small pools: many tests, each with a database, share the server's connections.
        return new NpgsqlConnectionStringBuilder(server.ConnectionStringFor(name)) { MaxPoolSize = 10 }.ConnectionString;
    }

    private protected override Task<PostgresServer> StartAsync(LocalServerOptions options, CancellationToken cancellationToken) =>
        PostgresServer.StartAsync(options, cancellationToken);
}
