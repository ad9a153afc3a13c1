using System.Collections.Concurrent;
using GameStack.Backend;
using GameStack.Backend.Records;
using GameStack.Tests.Support;
using Npgsql;

namespace GameStack.Tests.Backend.Records;

public sealed class PostgresMatchRecordsTests(PostgresFixture postgres)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_record_is_found_by_its_match_and_by_each_of_its_players()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var records = await ReadyAsync(database);
        var record = TestRecords.New("ann", "bob's \"friend\" \\", "日本語 🎮", new string('\u20AC', 128)) with
        {
            EndedAt = TestRecords.Noon.AddMinutes(5),
        };

        await records.UpsertAsync([record, TestRecords.New("somebody else")], Cancelled);

        TestRecords.Same(record, await records.FindAsync(record.SessionId, Cancelled));
        foreach (var player in record.Players)
        {
            TestRecords.Same(record, await records.FindLatestAsync(player, Cancelled));
        }

        Assert.Null(await records.FindAsync(Guid.NewGuid(), Cancelled));
        Assert.Null(await records.FindLatestAsync("nobody", Cancelled));
    }

    [Fact]
    public async Task A_pooled_connection_to_a_Postgres_that_has_become_read_only_is_not_used_again()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var records = await ReadyAsync(database);
        await SetReadOnlyAsync(database, "on");
        database.Clear();
        await records.FindLatestAsync("ann", Cancelled); // Its connection goes back to the pool, read-only for good.
        await SetReadOnlyAsync(database, "off");
        var record = TestRecords.New("ann");

        await Assert.ThrowsAsync<DependencyUnavailableException>(() => records.UpsertAsync([record], Cancelled));
        await records.UpsertAsync([record], Cancelled);

        TestRecords.Same(record, await records.FindAsync(record.SessionId, Cancelled));
    }

    [Fact]
    public async Task A_players_latest_match_is_the_one_created_last()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var records = await ReadyAsync(database);
        var newest = TestRecords.New("ann") with { CreatedAt = TestRecords.Noon.AddHours(2) };

        var newer = TestRecords.New("ann") with { CreatedAt = TestRecords.Noon.AddHours(1) };
        await records.UpsertAsync([TestRecords.New("ann"), newest, newer], Cancelled);

        TestRecords.Same(newest, await records.FindLatestAsync("ann", Cancelled));
    }

    [Fact]
    public async Task Active_matches_are_those_without_an_end_newest_first()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var records = await ReadyAsync(database);
        var older = TestRecords.New("ann");
        var newer = TestRecords.New("bob") with { CreatedAt = TestRecords.Noon.AddHours(1) };
        var newest = TestRecords.New("cid") with { CreatedAt = TestRecords.Noon.AddHours(2) };

        await records.UpsertAsync([older, newer, newest, TestRecords.New("dan") with { EndedAt = TestRecords.Noon }], Cancelled);

        Assert.Equal([newest.SessionId, newer.SessionId], (await ListAsync(records, null, 2)));
        await records.UpsertAsync([newest with { EndedAt = TestRecords.Noon.AddHours(3) }], Cancelled);
        Assert.Equal([newer.SessionId, older.SessionId], (await ListAsync(records, null, 10)));
    }

    [Fact]
    public async Task Active_matches_are_listed_page_by_page_though_many_began_at_once_or_nobody_knows_when()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var records = await ReadyAsync(database);
        MatchRecord[] active =
        [
            .. Enumerable.Range(0, 7).Select(_ => TestRecords.New("ann")),
            .. Enumerable.Range(0, 4).Select(i => TestRecords.New("bob") with { CreatedAt = TestRecords.Noon.AddHours(i) }),
        ];
        await records.UpsertAsync([.. active, TestRecords.New("cid") with { EndedAt = TestRecords.Noon }], Cancelled);
        var unknown = active[..3].Select(record => record.SessionId).ToArray();
        await ScalarAsync(database, "ALTER TABLE matches ALTER created_at DROP NOT NULL");
        await ScalarAsync(database, $"UPDATE matches SET created_at = NULL WHERE session_id IN ('{string.Join("', '", unknown)}')");

        List<Guid> listed = [];
        Guid? after = null;
        while (await ListAsync(records, after, 2) is { Length: > 0 } page)
        {
            listed.AddRange(page);
            after = page[^1];
        }

        Assert.Equal(await ListAsync(records, null, 100), listed);
        Assert.Equal(active.Select(record => record.SessionId).Order(), listed.Order());
        Assert.Equal(active[^1].SessionId, listed[0]);
        Assert.Equal(unknown.Order(), listed[^3..].Order());
    }

    [Fact]
    public async Task A_page_begins_after_a_match_that_has_ended_since()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var records = await ReadyAsync(database);
        var older = TestRecords.New("ann");
        var newer = TestRecords.New("bob") with { CreatedAt = TestRecords.Noon.AddHours(1) };
        await records.UpsertAsync([older, newer with { EndedAt = TestRecords.Noon.AddHours(2) }], Cancelled);

        Assert.Equal([older.SessionId], await ListAsync(records, newer.SessionId, 10));
        Assert.Empty(await ListAsync(records, Guid.NewGuid(), 10));
    }

    [Fact]
    public async Task However_often_connections_are_cut_every_call_is_answered_or_says_that_Postgres_is_away()
    {
        const int Cuts = 20;
        const int Callers = 16;
        var connection = await postgres.CreateDatabaseAsync();
        await using var database = NpgsqlDataSource.Create(connection);
        await using var knife = NpgsqlDataSource.Create(connection);
        var records = await ReadyAsync(database);
        var record = TestRecords.New("ann");
        await records.UpsertAsync([record], Cancelled);
        using var enough = new CancellationTokenSource();
        var faults = new ConcurrentBag<Exception>();

        var callers = Enumerable.Range(0, Callers).Select(_ => CallAsync()).ToList();
        for (var i = 0; i < Cuts; i++)
        {
            await using var cut = knife.CreateCommand(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity " +
                "WHERE datname = current_database() AND pid <> pg_backend_pid()");
            await cut.ExecuteScalarAsync(Cancelled);
        }

        await enough.CancelAsync();
        await Task.WhenAll(callers);
        Assert.NotEmpty(faults);
        Assert.All(faults, fault => Assert.IsType<DependencyUnavailableException>(fault));

        async Task CallAsync()
        {
            while (!enough.IsCancellationRequested)
            {
                try
                {
                    TestRecords.Same(record, await records.FindAsync(record.SessionId, Cancelled));
                    await records.UpsertAsync([record], Cancelled);
                }
                catch (Exception e)
                {
                    faults.Add(e);
                }
            }
        }
    }

    [Fact]
    public async Task A_record_that_changes_nothing_writes_no_row()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var records = await ReadyAsync(database);
        var record = TestRecords.New("ann", "bob") with { EndedAt = TestRecords.Noon.AddMinutes(1) };
        await records.UpsertAsync([record], Cancelled);
        const string Versions =
            "SELECT string_agg(ctid::text, ' ') FROM (SELECT ctid FROM matches UNION ALL SELECT ctid FROM match_players) AS rows";
        var before = await ScalarAsync(database, Versions);

        await records.UpsertAsync([record, record with { EndedAt = null }], Cancelled);

        Assert.Equal(before, await ScalarAsync(database, Versions));
    }

    [Fact]
    public async Task Backends_that_write_the_same_matches_at_once_do_not_block_each_other()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var records = await ReadyAsync(database);
        var batch = Enumerable.Range(0, 200).Select(i => TestRecords.New($"a{i % 7}", $"b{i % 11}")).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async seed =>
        {
            var random = new Random(seed);
            for (var round = 0; round < 5; round++)
            {
                var mine = batch.Select(record => record with { BackendPod = $"backend-{random.Next(1000)}" }).ToArray();
                random.Shuffle(mine);
                await records.UpsertAsync(mine, Cancelled);
            }
        }));

        Assert.Equal(200L, await ScalarAsync(database, "SELECT count(*) FROM matches"));
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=nobody")]
    [InlineData("Host=no-such-host.invalid;Username=nobody")]
    public async Task Without_a_Postgres_every_call_says_that_the_records_are_unavailable(string connectionString)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        var records = new PostgresMatchRecords(database, TestRecords.Backend);

        await Assert.ThrowsAsync<DependencyUnavailableException>(() => records.PrepareAsync(Cancelled));
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => records.UpsertAsync([TestRecords.New("ann")], Cancelled));
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => records.FindAsync(Guid.NewGuid(), Cancelled));
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => records.FindLatestAsync("ann", Cancelled));
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => records.ListActiveAsync(after: null, 1, Cancelled));
        Assert.False(records.IsReady);
    }

    [Fact]
    public async Task A_table_that_was_dropped_is_made_again()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var records = await ReadyAsync(database);
        await ScalarAsync(database, "DROP TABLE matches, match_players");

        await Assert.ThrowsAsync<DependencyUnavailableException>(() => records.UpsertAsync([TestRecords.New("ann")], Cancelled));
        await records.PrepareAsync(Cancelled);
        await records.UpsertAsync([TestRecords.New("ann")], Cancelled);

        Assert.NotNull(await records.FindLatestAsync("ann", Cancelled));
    }

    private static async Task<Guid[]> ListAsync(PostgresMatchRecords records, Guid? after, int max) =>
        [.. (await records.ListActiveAsync(after, max, Cancelled)).Select(record => record.SessionId)];

    /// <summary>For connections from now on.</summary>
    private static async Task SetReadOnlyAsync(NpgsqlDataSource database, string value)
    {
        await using var command = database.CreateCommand(
            $"""
            BEGIN READ WRITE;
            DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {value}', current_database()); END $$;
            COMMIT
            """);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    private static async Task<PostgresMatchRecords> ReadyAsync(NpgsqlDataSource database)
    {
        var records = new PostgresMatchRecords(database, TestRecords.Backend);
        await records.PrepareAsync(Cancelled);
        return records;
    }

    private static async Task<object?> ScalarAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancelled);
    }
}
