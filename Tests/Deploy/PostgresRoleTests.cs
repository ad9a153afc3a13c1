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
        var older = new PostgresMatchRecords(administrator);
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
        var records = new PostgresMatchRecords(database);
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

    private async Task RunHookAsync(PostgresServer server, string password)
    {
        var set = KubernetesYaml.LoadAllFromString(await File.ReadAllTextAsync(
            Path.Combine(Repository.Root, "deploy", "base", "postgres", "statefulset.yaml"), Cancelled)).OfType<V1StatefulSet>().Single();
        var programs = await ServerPrograms.FindAsync(
            ServerPackage.Postgres, postgres.Options(), ServerUser.Choose(ServerPackage.Postgres), Cancelled);
        var administrator = new NpgsqlConnectionStringBuilder(server.ConnectionString);
        string[] environment =
        [
            $"PATH={programs.Folder}:{Environment.GetEnvironmentVariable("PATH")}", $"LD_LIBRARY_PATH={programs.LibraryPath}",
            $"PGPORT={server.Port.ToString(CultureInfo.InvariantCulture)}", $"POSTGRES_USER={administrator.Username}",
            $"POSTGRES_PASSWORD={administrator.Password}", "POSTGRES_DB=matches", $"GAMESTACK_PASSWORD={password}",
        ];
        await CommandLine.RunAsync(
            "env", [.. environment, .. set.Spec.Template.Spec.Containers[0].Lifecycle.PostStart.Exec.Command], Cancelled);
    }

    private static async Task<object?> AskAsync(NpgsqlDataSource database, string statement)
    {
        await using var command = database.CreateCommand(statement);
        return await command.ExecuteScalarAsync(Cancelled);
    }
}
