using GameStack.Backend;
using GameStack.Backend.Records;
using GameStack.Tests.Backend.GameServers;
using GameStack.Tests.Support;
using Npgsql;

namespace GameStack.Tests.Backend.Records;

/// <summary>The tables belong to somebody else, or the role may do less than a superuser.</summary>
public sealed class MatchSchemaRightsTests(PostgresFixture postgres)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_role_that_owns_nothing_uses_tables_that_are_there()
    {
        await using var owner = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await MatchSchema.MigrateAsync(owner, Cancelled);
        await using var database = await CreateRoleAsync(
            owner, "REVOKE ALL ON SCHEMA public FROM PUBLIC", "GRANT USAGE ON SCHEMA public TO {0}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {0}");
        var records = new PostgresMatchRecords(database, TestRecords.Backend);
        var record = TestRecords.New("ann", "bob");

        await records.PrepareAsync(Cancelled);
        await records.UpsertAsync([record], Cancelled);
        await records.UpsertAsync([record with { EndedAt = TestRecords.Noon.AddMinutes(1) }], Cancelled);
        await records.SetAsideAsync(record, "a reason", Cancelled);

        TestRecords.Same(record with { EndedAt = TestRecords.Noon.AddMinutes(1) }, await records.FindLatestAsync("bob", Cancelled));
    }

    [Fact]
    public async Task A_role_that_owns_only_its_database_creates_the_tables()
    {
        await using var owner = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await using var database = await CreateRoleAsync(
            owner, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO {0}', current_database()); END $$");
        var records = new PostgresMatchRecords(database, TestRecords.Backend);
        var record = TestRecords.New("ann", "bob");

        await records.PrepareAsync(Cancelled);
        await records.UpsertAsync([record], Cancelled);

        TestRecords.Same(record, await records.FindLatestAsync("bob", Cancelled));
    }

    /// <summary>The right that is missing is granted last: then the migration goes on.</summary>
    [Theory]
    [InlineData(
        "cannot create the table matches: permission denied for schema public",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO {0}",
        "GRANT CREATE ON SCHEMA public TO {0}")]
    [InlineData(
        "cannot change columns of the table matches: must be owner of table matches",
        "CREATE TABLE matches (session_id uuid PRIMARY KEY); GRANT ALL ON SCHEMA public TO {0}",
        "ALTER TABLE matches OWNER TO {0}")]
    public async Task A_right_that_is_missing_is_named_until_it_is_granted(string reason, string rights, string grant)
    {
        await using var owner = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await using var database = await CreateRoleAsync(owner, rights);
        var records = new PostgresMatchRecords(database, TestRecords.Backend);

        var refusal = await Assert.ThrowsAsync<DependencyUnavailableException>(() => records.PrepareAsync(Cancelled));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"The role {RoleOf(database)} ", refusal.Message, StringComparison.Ordinal);

        await ExecuteAsync(owner, grant, RoleOf(database));
        await records.PrepareAsync(Cancelled);
    }

    [Fact]
    public async Task All_rights_on_the_tables_that_are_missing_are_named_at_once_and_logged_once()
    {
        await using var owner = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await MatchSchema.MigrateAsync(owner, Cancelled);
        await using var database = await CreateRoleAsync(owner, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {0}");
        var outbox = new InMemoryOutbox();
        outbox.Add(TestRecords.New("ann"));
        var log = new LogRecords();

        await using var writer = await RunningWriter.StartAsync(outbox, database, log);
        await Eventually.IsAsync("three failures", _ => Task.FromResult(writer.Failures >= 3), Waits.Patient);

        var line = Assert.Single(log.Of(EventIds.Unavailable)).Message;
        Assert.Contains(
            $"The role {RoleOf(database)} lacks INSERT on matches, UPDATE on matches, INSERT on match_players, UPDATE on match_players, "
            + "INSERT on match_records_refused",
            line,
            StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    /// <summary>Creates a role without any rights, then runs statements as the owner, in which {0} is the role's name.</summary>
    private static async Task<NpgsqlDataSource> CreateRoleAsync(NpgsqlDataSource owner, params string[] statements)
    {
        var role = $"role_{Guid.NewGuid():N}";
        await ExecuteAsync(owner, "CREATE ROLE {0} LOGIN PASSWORD 'secret'", role);
        foreach (var statement in statements)
        {
            await ExecuteAsync(owner, statement, role);
        }

        return NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(owner.ConnectionString) { Username = role, Password = "secret" }.ConnectionString);
    }

    private static string RoleOf(NpgsqlDataSource database) => new NpgsqlConnectionStringBuilder(database.ConnectionString).Username!;

    private static async Task ExecuteAsync(NpgsqlDataSource database, string statement, string role)
    {
        await using var command = database.CreateCommand(statement.Replace("{0}", role, StringComparison.Ordinal));
        await command.ExecuteNonQueryAsync(Cancelled);
    }
}
