using GameStack.Backend;
using GameStack.Backend.Records;
using GameStack.Tests.Support;
using Npgsql;

namespace GameStack.Tests.Backend.Records;

public sealed class MatchSchemaTests(PostgresFixture postgres)
{
    private const string OldMatch = "11111111-2222-3333-4444-555555555555";
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> OlderTables => new(
        // Text everywhere, times without a zone.
        $$"""
        CREATE TABLE matches (session_id varchar(64) PRIMARY KEY, players_json text NOT NULL, backend_pod varchar(255), game_server_pod varchar(255),
            created_at timestamp DEFAULT now(), ended_at timestamp);
        INSERT INTO matches VALUES ('{{OldMatch}}', '["old player", "other"]', 'b', 'g', '2020-01-01 12:00', '2020-01-01 12:30');
        INSERT INTO matches VALUES ('not a uuid', '["somebody"]'), ('22222222-2222-3333-4444-555555555555', 'not json'), ('33333333-2222-3333-4444-555555555555', '{"a": 1}');
        """,
        // The least there can be.
        $$"""
        CREATE TABLE matches (session_id uuid PRIMARY KEY, players_json jsonb);
        INSERT INTO matches VALUES ('{{OldMatch}}', '["old player", "other"]'), ('22222222-2222-3333-4444-555555555555', NULL);
        """,
        // Narrow columns, and columns of somebody else's that refuse what they do not know.
        $$"""
        CREATE TABLE matches (session_id char(36) PRIMARY KEY, players_json varchar(40) NOT NULL, created_at timestamptz NOT NULL, region text NOT NULL,
            number bigserial, ended_at timestamptz);
        INSERT INTO matches (session_id, players_json, created_at, region, ended_at)
        VALUES ('{{OldMatch}}', '["old player", "other"]', '2020-01-01 12:00Z', 'eu', '2020-01-01 12:30Z');
        """,
        // Another primary key, and json.
        $$"""
        CREATE TABLE matches (id serial PRIMARY KEY, session_id text NOT NULL, players_json json, backend_pod text, created_at timestamptz, ended_at timestamptz NOT NULL);
        INSERT INTO matches (session_id, players_json, created_at, ended_at) VALUES ('{{OldMatch}}', '["old player", "other"]', now(), now());
        """);

    [Theory]
    [MemberData(nameof(OlderTables))]
    public async Task An_older_table_keeps_its_rows_and_takes_new_ones(string olderTable)
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await ExecuteAsync(database, olderTable);
        var rows = await ExecuteAsync(database, "SELECT count(*) FROM matches");
        var records = new PostgresMatchRecords(database);

        await records.PrepareAsync(Cancelled);
        await MatchSchema.MigrateAsync(database, Cancelled);

        Assert.Equal(rows, await ExecuteAsync(database, "SELECT count(*) FROM matches"));
        var old = await records.FindLatestAsync("old player", Cancelled);
        Assert.NotNull(old);
        Assert.Equal(Guid.Parse(OldMatch), old.SessionId);
        Assert.Equal(["old player", "other"], old.Players);
        Assert.NotNull(old.EndedAt);

        var fresh = TestRecords.New([.. Enumerable.Range(0, 12).Select(i => $"player with a long name {i}")]) with { BackendPod = new string('b', 300) };
        await records.UpsertAsync([fresh], Cancelled);
        TestRecords.Same(fresh, await records.FindAsync(fresh.SessionId, Cancelled));
        var ended = fresh with { EndedAt = TestRecords.Noon.AddMinutes(1) };
        await records.UpsertAsync([ended, fresh], Cancelled);
        TestRecords.Same(ended, await records.FindLatestAsync("player with a long name 11", Cancelled));

        await records.UpsertAsync([old with { CreatedAt = DateTimeOffset.UnixEpoch, EndedAt = null, GameServerPod = "known now" }], Cancelled);
        old = await records.FindAsync(old.SessionId, Cancelled);
        Assert.Equal((DateTimeOffset.UnixEpoch, "known now"), (old!.CreatedAt, old.GameServerPod));
        Assert.NotNull(old.EndedAt);
        await records.ListActiveAsync(100, Cancelled);
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
        var records = new PostgresMatchRecords(database);
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
        await using var write = new NpgsqlCommand("LOCK TABLE matches, match_players, match_records_refused IN ROW EXCLUSIVE MODE", writer, open);
        await write.ExecuteNonQueryAsync(Cancelled);

        await MatchSchema.MigrateAsync(database, Cancelled);
    }

    [Fact]
    public async Task A_column_of_a_type_that_no_record_fits_in_is_named()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await ExecuteAsync(database, "CREATE TABLE matches (session_id uuid PRIMARY KEY, created_at boolean)");

        var refusal = await Assert.ThrowsAsync<DependencyUnavailableException>(() => new PostgresMatchRecords(database).PrepareAsync(Cancelled));
        Assert.Contains("created_at", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<object?> ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancelled);
    }
}
