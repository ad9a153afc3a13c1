using System.Globalization;
using System.Runtime.Versioning;
using GameStack.Backend.Records;
using GameStack.Tests.Backend.Records;
using GameStack.Tests.Support;
using k8s;
using k8s.Models;
using LocalServers;
using Npgsql;

namespace GameStack.Tests.Deploy;

/// <summary>Runs what <c>deploy/base/postgres</c> runs after every start, on a real Postgres.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PostgresRoleTests(PostgresFixture postgres)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_backends_role_takes_over_an_older_versions_tables_and_owns_nothing_else()
    {
        await using var server = await postgres.StartNewAsync();
        await server.CreateDatabaseAsync("matches", Cancelled);
        await using var administrator = NpgsqlDataSource.Create(server.ConnectionStringFor("matches"));
        var older = new PostgresMatchRecords(administrator, TestRecords.Backend);
        await older.PrepareAsync(Cancelled);
        var record = TestRecords.New("ann");
        await older.UpsertAsync([record], Cancelled);
        await AskAsync(administrator, "CREATE TABLE others (id int)");

        await RunHookAsync(server, "first");
        await RunHookAsync(server, "second");

        await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(administrator.ConnectionString)
        {
            Username = "gamestack",
            Password = "second",
        });
        await AskAsync(database, "DROP INDEX matches_active");
        var records = new PostgresMatchRecords(database, TestRecords.Backend);
        await records.PrepareAsync(Cancelled);
        await records.UpsertAsync([TestRecords.New("bob")], Cancelled);
        TestRecords.Same(record, await records.FindLatestAsync("ann", Cancelled));
        Assert.Equal(
            false,
            await AskAsync(
                database, "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls FROM pg_roles "
                + "WHERE rolname = current_user"));
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => AskAsync(database, "SELECT count(*) FROM others"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
    }

    [Fact]
    public async Task A_changed_password_of_the_administrator_is_in_the_containers_log()
    {
        await using var server = await postgres.StartNewAsync();
        await server.CreateDatabaseAsync("matches", Cancelled);
        using var folder = new TestFolder();
        var log = Path.Combine(folder.Path, "log");
        await File.WriteAllTextAsync(log, "", Cancelled);

        await RunHookAsync(server, "first", "another", log);

        var lines = await File.ReadAllTextAsync(log, Cancelled);
        Assert.Contains("password authentication failed for user", lines, StringComparison.Ordinal);
        Assert.Contains("Could not give the role gamestack its rights and password.", lines, StringComparison.Ordinal);
    }

    /// <summary>A login needs a free connection; backends that have them all must not make Postgres unready.</summary>
    [Fact]
    public async Task Only_the_startup_probe_logs_in()
    {
        var container = await ReadContainerAsync();

        Assert.Contains("-U gamestack", container.StartupProbe.Exec.Command[^1], StringComparison.Ordinal);
        Assert.StartsWith("pg_isready ", container.ReadinessProbe.Exec.Command[^1], StringComparison.Ordinal);
    }

    private static async Task<V1Container> ReadContainerAsync() => KubernetesYaml.LoadAllFromString(await File.ReadAllTextAsync(
        Path.Combine(Repository.Root, "deploy", "base", "postgres", "statefulset.yaml"), Cancelled))
        .OfType<V1StatefulSet>().Single().Spec.Template.Spec.Containers[0];

    private async Task RunHookAsync(
        PostgresServer server, string password, string? administratorPassword = null, string log = "/dev/stderr")
    {
        var hook = (await ReadContainerAsync()).Lifecycle.PostStart.Exec.Command;
        var programs = await ServerPrograms.FindAsync(
            ServerPackage.Postgres, postgres.Options(), ServerUser.Choose(ServerPackage.Postgres), Cancelled);
        var administrator = new NpgsqlConnectionStringBuilder(server.ConnectionString);
        string[] environment =
        [
            $"PATH={programs.Folder}:{Environment.GetEnvironmentVariable("PATH")}", $"LD_LIBRARY_PATH={programs.LibraryPath}",
            $"PGPORT={server.Port.ToString(CultureInfo.InvariantCulture)}", $"POSTGRES_USER={administrator.Username}",
            $"POSTGRES_PASSWORD={administratorPassword ?? administrator.Password}", "POSTGRES_DB=matches", $"GAMESTACK_PASSWORD={password}",
        ];
        await CommandLine.RunAsync(
            "env",
            [.. environment, .. hook.Select(part => part.Replace("/proc/1/fd/2", log, StringComparison.Ordinal))],
            Cancelled);
    }

    private static async Task<object?> AskAsync(NpgsqlDataSource database, string statement)
    {
        await using var command = database.CreateCommand(statement);
        return await command.ExecuteScalarAsync(Cancelled);
    }
}
