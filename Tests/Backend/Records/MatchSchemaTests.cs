using GameStack.Backend;
using GameStack.Backend.Records;
using GameStack.Tests.Support;
using Npgsql;

namespace GameStack.Tests.Backend.Records;

public sealed class MatchSchemaTests(PostgresFixture postgres)
{
    private const string OldMatch = OlderTables.OldMatch;
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(OlderTables.All), MemberType = typeof(OlderTables))]
    public async Task An_older_table_keeps_its_rows_and_takes_new_ones(string olderTable)
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await ExecuteAsync(database, olderTable);
        var rows = await ExecuteAsync(database, "SELECT count(*) FROM matches");
        var records = new PostgresMatchRecords(database, TestRecords.Backend);

        await records.PrepareAsync(Cancelled);
        await MatchSchema.MigrateAsync(database, Cancelled);

        Assert.Equal(rows, await ExecuteAsync(database, "SELECT count(*) FROM matches"));
        var old = await records.FindLatestAsync("old player", Cancelled);
        Assert.NotNull(old);
        Assert.Equal(Guid.Parse(OldMatch), old.SessionId);
        Assert.Equal(["old player", "other"], old.Players);
        Assert.NotNull(old.EndedAt);
        Assert.Null(old.EndedBy);

        var players = Enumerable.Range(0, 12).Select(i => $"player with a long name {i}");
        var fresh = TestRecords.New([.. players]) with { BackendPod = new string('b', 300) };
        await records.UpsertAsync([fresh], Cancelled);
        TestRecords.Same(fresh, await records.FindAsync(fresh.SessionId, Cancelled));
        var ended = fresh with { EndedAt = TestRecords.Noon.AddMinutes(1), EndedBy = EndedBy.Operator("1a2b3c4d") };
        await records.UpsertAsync([ended, fresh], Cancelled);
        TestRecords.Same(ended, await records.FindLatestAsync("player with a long name 11", Cancelled));

        await records.UpsertAsync(
            [old with { CreatedAt = DateTimeOffset.UnixEpoch, EndedAt = null, GameServerPod = "known now" }], Cancelled);
        old = await records.FindAsync(old.SessionId, Cancelled);
        Assert.Equal((DateTimeOffset.UnixEpoch, "known now"), (old!.CreatedAt, old.GameServerPod));
        Assert.NotNull(old.EndedAt);
        await records.ListActiveAsync(after: null, 100, Cancelled);
    }

    [Theory]
    [MemberData(nameof(OlderTables.All), MemberType = typeof(OlderTables))]
    public async Task An_older_table_ends_up_with_the_types_of_a_new_one(string olderTable)
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await ExecuteAsync(database, olderTable);

        await MatchSchema.MigrateAsync(database, Cancelled);

        Assert.Equal(
            "backend_pod text, created_at timestamptz, ended_at timestamptz, ended_by text, game_server_pod text, players_json jsonb, "
            + "queue text, session_id uuid",
            await ExecuteAsync(
                database,
                """
                SELECT string_agg(attname || ' ' || typname, ', ' ORDER BY attname)
                FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
                WHERE attrelid = 'matches'::regclass AND attnum > 0
                    AND attname IN (
                        'session_id', 'players_json', 'backend_pod', 'game_server_pod', 'created_at', 'ended_at', 'ended_by', 'queue')
                """));
    }

    [Fact]
    public async Task A_row_whose_id_is_no_uuid_keeps_it_in_a_column_of_its_own_and_is_no_answer()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await ExecuteAsync(
            database,
            $$"""
            CREATE TABLE matches (session_id varchar(36) PRIMARY KEY, players_json text, region text, ended_at timestamp);
            INSERT INTO matches VALUES ('{{OldMatch}}', '["old player"]', 'eu'), ('room 7', '["somebody"]', 'us'),
                ('AAAAAAAA-2222-3333-4444-555555555555', '["somebody"]', 'us'), ('aaaaaaaa-2222-3333-4444-555555555555', 'no json', NULL);
            """);
        var records = new PostgresMatchRecords(database, TestRecords.Backend);

        await records.PrepareAsync(Cancelled);

        Assert.Equal(
            """AAAAAAAA-2222-3333-4444-555555555555 ["somebody"] us, room 7 ["somebody"] us""",
            await ExecuteAsync(
                database,
                """
                SELECT string_agg(older_id || ' ' || players_json || ' ' || region, ', ' ORDER BY older_id COLLATE "C") FROM matches
                """));
        Assert.Null(await records.FindLatestAsync("somebody", Cancelled));
        var active = await records.ListActiveAsync(after: null, 10, Cancelled);
        Assert.Equal([OldMatch, "aaaaaaaa-2222-3333-4444-555555555555"], active.Select(record => $"{record.SessionId}").Order());
        Assert.Equal(
            "no json",
            await ExecuteAsync(database, "SELECT players_json #>> '{}' FROM matches WHERE jsonb_typeof(players_json) = 'string'"));
    }

    [Fact]
    public async Task A_view_that_is_in_the_way_is_named_as_the_reason_until_it_is_gone()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await ExecuteAsync(
            database,
            """
            CREATE TABLE matches (session_id text PRIMARY KEY, players_json text);
            CREATE VIEW ids AS SELECT session_id FROM matches;
            """);
        var records = new PostgresMatchRecords(database, TestRecords.Backend);

        var refusal = await Assert.ThrowsAsync<DependencyUnavailableException>(() => records.PrepareAsync(Cancelled));
        Assert.Contains("used by a view", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(true, await ExecuteAsync(database, "SELECT to_regclass('match_players') IS NULL"));

        await ExecuteAsync(database, "DROP VIEW ids");
        await records.PrepareAsync(Cancelled);
    }

    [Fact]
    public async Task Times_of_an_older_table_without_a_zone_are_UTC_wherever_the_server_is()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync() + ";Timezone=Asia/Kolkata");
        await ExecuteAsync(
            database,
            $"""
            CREATE TABLE matches (session_id uuid PRIMARY KEY, players_json text, created_at timestamp, ended_at timestamp);
            INSERT INTO matches VALUES ('{OldMatch}', '["old player"]', '2020-01-01 12:00', '2020-01-01 12:30');
            """);
        var records = new PostgresMatchRecords(database, TestRecords.Backend);
        await records.PrepareAsync(Cancelled);

        var old = await records.FindLatestAsync("old player", Cancelled);
        Assert.Equal(new DateTimeOffset(2020, 1, 1, 12, 0, 0, TimeSpan.Zero), old!.CreatedAt);
        Assert.Equal(new DateTimeOffset(2020, 1, 1, 12, 30, 0, TimeSpan.Zero), old.EndedAt);
        Assert.Equal(old.CreatedAt.UtcDateTime, await ExecuteAsync(database, "SELECT created_at FROM match_players"));

        var fresh = TestRecords.New("new player") with { EndedAt = TestRecords.Noon.AddHours(1) };
        await records.UpsertAsync([fresh, old], Cancelled);
        TestRecords.Same(fresh, await records.FindAsync(fresh.SessionId, Cancelled));
        TestRecords.Same(old, await records.FindAsync(old.SessionId, Cancelled));
    }

    [Fact]
    public async Task Backends_that_start_at_once_migrate_once()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var setup = NpgsqlDataSource.Create(connectionString);
        await ExecuteAsync(
            setup,
            """
            CREATE TABLE matches (session_id text PRIMARY KEY, players_json text);
            INSERT INTO matches SELECT gen_random_uuid(), '["p' || i || '"]' FROM generate_series(1, 2000) AS i;
            """);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            await using var database = NpgsqlDataSource.Create(connectionString);
            await MatchSchema.MigrateAsync(database, Cancelled);
        }));

        Assert.Equal(2000L, await ExecuteAsync(setup, "SELECT count(*) FROM match_players"));
    }

    [Fact]
    public async Task A_migration_waits_for_no_writer_when_there_is_nothing_to_do()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await MatchSchema.MigrateAsync(database, Cancelled);
        await using var writer = await database.OpenConnectionAsync(Cancelled);
        await using var open = await writer.BeginTransactionAsync(Cancelled);
        await using var write = new NpgsqlCommand(
            "LOCK TABLE matches, match_players, match_records_refused IN ROW EXCLUSIVE MODE", writer, open);
        await write.ExecuteNonQueryAsync(Cancelled);

        await MatchSchema.MigrateAsync(database, Cancelled);
    }

    [Fact]
    public async Task A_column_of_a_type_that_no_record_fits_in_is_named()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await ExecuteAsync(database, "CREATE TABLE matches (session_id uuid PRIMARY KEY, created_at boolean)");

        var records = new PostgresMatchRecords(database, TestRecords.Backend);

        var refusal = await Assert.ThrowsAsync<DependencyUnavailableException>(() => records.PrepareAsync(Cancelled));
        Assert.Contains("created_at", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<object?> ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancelled);
    }
}
