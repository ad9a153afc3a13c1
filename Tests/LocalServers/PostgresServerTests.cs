using System.Diagnostics;
using System.Runtime.Versioning;
using GameStack.Tests.Support;
using LocalServers;
using Npgsql;

namespace GameStack.Tests.LocalServers;

public sealed class PostgresServerTests(PostgresFixture fixture)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_may_be_asked_for_twice_and_is_there_after_a_restart()
    {
        var options = fixture.Options();
        await using (var first = await fixture.StartNewAsync(options))
        {
            await first.CreateDatabaseAsync("with \"quotes\"", Cancelled);
            await first.CreateDatabaseAsync("with \"quotes\"", Cancelled);
            await QueryAsync(first.ConnectionStringFor("with \"quotes\""), "CREATE TABLE kept AS SELECT 42 AS answer");
            await first.StopAsync(Cancelled);
            Assert.Equal(0, await first.Exited);
        }

        await using var second = await fixture.StartNewAsync(options);
        Assert.Equal(42, await QueryAsync(second.ConnectionStringFor("with \"quotes\""), "SELECT answer FROM kept"));
    }

    [Fact]
    public async Task It_asks_for_its_password()
    {
        var server = await fixture.GetAsync();
        var wrong = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Password = "wrong" }.ConnectionString;

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => QueryAsync(wrong, "SELECT 1"));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refusal.SqlState);
    }

    [Fact]
    public async Task Another_password_than_last_time_is_given_to_the_kept_data()
    {
        var options = fixture.Options();
        await using (var first = await fixture.StartNewAsync(options with { Password = "first" }))
        {
            Assert.Equal("first", PasswordOf(first));
        }

        await using (var second = await fixture.StartNewAsync(options with { Password = "it's; another" }))
        {
            Assert.Equal(1, await QueryAsync(second.ConnectionString, "SELECT 1"));
            Assert.Equal("it's; another", PasswordOf(second));
        }

        await using var third = await fixture.StartNewAsync(options);
        Assert.Equal("it's; another", PasswordOf(third));
    }

    [Fact]
    public async Task A_killed_one_starts_again_even_when_its_process_id_belongs_to_another_program()
    {
        var options = fixture.Options();
        await using (var first = await fixture.StartNewAsync(options))
        {
            using var process = Process.GetProcessById(first.ProcessId);
            process.Kill();
            await first.Exited;
        }

        var file = Path.Combine(options.DataFolder, "data", "postmaster.pid");
        var lines = await File.ReadAllLinesAsync(file, Cancelled);
        lines[0] = Environment.ProcessId.ToString();
        await File.WriteAllLinesAsync(file, lines, Cancelled);

        await using var second = await fixture.StartNewAsync(options);
        Assert.Equal(1, await QueryAsync(second.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task A_second_one_on_the_same_data_folder_is_refused()
    {
        var options = fixture.Options();
        await using var first = await fixture.StartNewAsync(options);

        var refusal = await Assert.ThrowsAsync<LocalServerUnavailableException>(() => PostgresServer.StartAsync(options, Cancelled));
        Assert.Contains("another server uses the data folder", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, await QueryAsync(first.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task A_start_that_fails_reports_the_servers_last_words()
    {
        var options = fixture.Options();
        await using (await fixture.StartNewAsync(options))
        {
        }

        await File.AppendAllTextAsync(Path.Combine(options.DataFolder, "data", "postgresql.conf"), "no_such_setting = on\n", Cancelled);

        var failure = await Assert.ThrowsAsync<LocalServerUnavailableException>(() => PostgresServer.StartAsync(options, Cancelled));
        Assert.Contains("no_such_setting", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task As_root_a_data_folder_that_is_closed_to_others_is_moved_under_the_temporary_path()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root runs servers as another user");
        using var parent = new TestFolder();
        const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var closed = Directory.CreateDirectory(Path.Combine(parent.Path, "closed"), OnlyOwner).FullName;
        var instead = new TaskCompletionSource<string>();
        var options = fixture.Options() with { DataFolder = closed, Log = Notice };
        try
        {
            await using var server = await fixture.StartNewAsync(options);
            Assert.Equal(1, await QueryAsync(server.ConnectionString, "SELECT 1"));
            Assert.True(File.Exists(Path.Combine(await instead.Task, "data", "PG_VERSION")));
        }
        finally
        {
            if (instead.Task.IsCompleted)
            {
                Directory.Delete(await instead.Task, recursive: true);
            }
        }

        // "The user postgres cannot enter …; using /tmp/gamestack-1a2b3c instead."
        void Notice(string line)
        {
            if (line.Contains("; using ", StringComparison.Ordinal))
            {
                instead.TrySetResult(line.Split("; using ")[1].Split(' ')[0]);
            }
        }
    }

    private static string? PasswordOf(PostgresServer server) => new NpgsqlConnectionStringBuilder(server.ConnectionString).Password;

    private static async Task<object?> QueryAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancelled);
    }
}
