using GameStack.Backend;
using GameStack.Backend.Records;
using GameStack.Tests.Backend.GameServers;
using GameStack.Tests.Support;
using LocalServers;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GameStack.Tests.Backend.Records;

public sealed class PostgresTlsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly SelfSignedCertificate _certificate = new();
    private PostgresServer _server = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_URL_with_verify_full_connects_with_TLS_to_the_server_that_the_certificate_names_and_to_no_other()
    {
        await PrepareAsync($"localhost:{_server.Port}", $"sslmode=verify-full&sslrootcert={_certificate.CertificateFile}");

        await RefusedAsync($"127.0.0.1:{_server.Port}", $"sslmode=verify-full&sslrootcert={_certificate.CertificateFile}");
        await RefusedAsync($"localhost:{_server.Port}", "sslmode=verify-full");
    }

    public async ValueTask InitializeAsync()
    {
        _server = await postgres.StartNewAsync();
        await using var database = NpgsqlDataSource.Create(_server.ConnectionString);
        await RunAsync(Write(_certificate.Certificate, "server.crt"));
        await RunAsync(Write(_certificate.Key, "server.key"));
        await RunAsync("ALTER SYSTEM SET ssl = on");
        await RunAsync("SELECT pg_reload_conf()");
        await Eventually.IsAsync(
            "Postgres with TLS",
            async token =>
            {
                await using var encrypted = NpgsqlDataSource.Create(_server.ConnectionString + ";Pooling=false;SSL Mode=Prefer");
                await using var command = encrypted.CreateCommand("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
                return await command.ExecuteScalarAsync(token) is true;
            },
            Waits.Patient);

        // The server writes the file itself, since nobody else may read its key.
        static string Write(string text, string file) =>
            $"COPY (SELECT unnest(string_to_array('{text}', E'\\n'))) TO PROGRAM 'umask 077; cat > {file}'";

        async Task RunAsync(string statement)
        {
            await using var command = database.CreateCommand(statement);
            await command.ExecuteNonQueryAsync(Cancelled);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _certificate.Dispose();
    }

    private async Task RefusedAsync(string address, string parameters)
    {
        using var log = new LogRecords();
        using var logs = new LoggerFactory([log]);
        var names = new DatabaseSettingNames("DATABASE_PASSWORD", "DATABASE_URL");
        var access = new PostgresAccess(names, TimeProvider.System, logs.CreateLogger<PostgresAccess>());

        access.Failed(await Assert.ThrowsAsync<DependencyUnavailableException>(() => PrepareAsync(address, parameters)));

        Assert.True(access.IsShutOut);
        Assert.StartsWith(
            "Postgres has a certificate that cannot be verified; retrying: The remote certificate ",
            Assert.Single(log.Problems).Message,
            StringComparison.Ordinal);
    }

    private async Task PrepareAsync(string address, string parameters)
    {
        var password = new NpgsqlConnectionStringBuilder(_server.ConnectionString).Password;
        await using var database = NpgsqlDataSource.Create(
            DatabaseUrl.ToConnectionString($"postgresql://postgres:{password}@{address}/postgres?{parameters}", "DATABASE_URL"));
        await new PostgresMatchRecords(database, TestRecords.Backend).PrepareAsync(Cancelled);
    }
}
