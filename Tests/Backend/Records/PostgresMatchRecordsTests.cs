using System.Collections.Concurrent;
using FsCheck;
using FsCheck.Fluent;
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
        var record = TestRecords.New("ann", "bob's \"friend\" \\", "日本語 🎮", new string('\u20AC', 128)) with { EndedAt = TestRecords.Noon.AddMinutes(5) };

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
    public async Task A_players_latest_match_is_the_one_created_last()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var records = await ReadyAsync(database);
        var newest = TestRecords.New("ann") with { CreatedAt = TestRecords.Noon.AddHours(2) };

        await records.UpsertAsync([TestRecords.New("ann"), newest, TestRecords.New("ann") with { CreatedAt = TestRecords.Noon.AddHours(1) }], Cancelled);

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

        Assert.Equal([newest.SessionId, newer.SessionId], (await records.ListActiveAsync(2, Cancelled)).Select(record => record.SessionId));
        await records.UpsertAsync([newest with { EndedAt = TestRecords.Noon.AddHours(3) }], Cancelled);
        Assert.Equal([newer.SessionId, older.SessionId], (await records.ListActiveAsync(10, Cancelled)).Select(record => record.SessionId));
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
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
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
    public async Task In_whatever_order_and_however_often_records_come_the_rows_end_up_the_same()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var records = await ReadyAsync(database);
        var property = Prop.ForAll(Stories().ToArbitrary(), async story =>
        {
            // Two histories of the same matches under different ids: each its own order, repetitions and batches.
            var first = await WriteAsync(records, story, story.FirstSeed);
            var second = await WriteAsync(records, story, story.SecondSeed);
            for (var match = 0; match < Story.Matches; match++)
            {
                if (story.Expected(match, first[match]) is { } expected)
                {
                    TestRecords.Same(expected, await records.FindAsync(first[match], Cancelled));
                    TestRecords.Same(expected with { SessionId = second[match] }, await records.FindAsync(second[match], Cancelled));
                    Assert.Equal(expected.Players.Order(), await PlayersAsync(database, first[match], expected.CreatedAt));
                }
            }
        });

        await Task.Run(() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), property), Cancelled);
    }

    [Fact]
    public async Task A_record_that_changes_nothing_writes_no_row()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var records = await ReadyAsync(database);
        var record = TestRecords.New("ann", "bob") with { EndedAt = TestRecords.Noon.AddMinutes(1) };
        await records.UpsertAsync([record], Cancelled);
        var before = await ScalarAsync(database, "SELECT string_agg(ctid::text, ' ') FROM (SELECT ctid FROM matches UNION ALL SELECT ctid FROM match_players) AS rows");

        await records.UpsertAsync([record, record with { EndedAt = null }], Cancelled);

        Assert.Equal(before, await ScalarAsync(database, "SELECT string_agg(ctid::text, ' ') FROM (SELECT ctid FROM matches UNION ALL SELECT ctid FROM match_players) AS rows"));
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

    [Fact]
    public async Task Neither_a_players_latest_match_nor_the_active_ones_are_searched_row_by_row()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var records = await ReadyAsync(database);
        for (var batch = 0; batch < 20; batch++)
        {
            await records.UpsertAsync(
                [.. Enumerable.Range(0, 500).Select(i => TestRecords.New($"p{i}", $"q{i}") with { CreatedAt = TestRecords.Noon.AddSeconds((batch * 500) + i), EndedAt = i % 100 == 0 ? null : TestRecords.Noon.AddDays(1) })],
                Cancelled);
        }

        await ScalarAsync(database, "ANALYZE");
        var table = await MatchSchema.MigrateAsync(database, Cancelled);

        var latest = await ExplainAsync(database, table.FindLatest, "p7");
        Assert.Contains("match_players_newest", latest, StringComparison.Ordinal);
        Assert.Contains("matches_pkey", latest, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan", latest, StringComparison.Ordinal);

        var active = await ExplainAsync(database, table.ListActive, 50);
        Assert.Contains("matches_active", active, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan", active, StringComparison.Ordinal);
        Assert.DoesNotContain("Sort", active, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=nobody")]
    [InlineData("Host=no-such-host.invalid;Username=nobody")]
    public async Task Without_a_Postgres_every_call_says_that_the_records_are_unavailable(string connectionString)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        var records = new PostgresMatchRecords(database);

        await Assert.ThrowsAsync<DependencyUnavailableException>(() => records.PrepareAsync(Cancelled));
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => records.UpsertAsync([TestRecords.New("ann")], Cancelled));
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => records.FindAsync(Guid.NewGuid(), Cancelled));
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => records.FindLatestAsync("ann", Cancelled));
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => records.ListActiveAsync(1, Cancelled));
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

    private static async Task<PostgresMatchRecords> ReadyAsync(NpgsqlDataSource database)
    {
        var records = new PostgresMatchRecords(database);
        await records.PrepareAsync(Cancelled);
        return records;
    }

    private static async Task<object?> ScalarAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancelled);
    }

    private static async Task<string> ExplainAsync<T>(NpgsqlDataSource database, string sql, T parameter)
    {
        await using var command = database.CreateCommand("EXPLAIN " + sql);
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = parameter });
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        var plan = new List<string>();
        while (await reader.ReadAsync(Cancelled))
        {
            plan.Add(reader.GetString(0));
        }

        return string.Join('\n', plan);
    }

    private static async Task<List<string>> PlayersAsync(NpgsqlDataSource database, Guid match, DateTimeOffset createdAt)
    {
        await using var command = database.CreateCommand("SELECT player_id FROM match_players WHERE session_id = $1 AND created_at = $2 ORDER BY player_id");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = match });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = createdAt.UtcDateTime });
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        var players = new List<string>();
        while (await reader.ReadAsync(Cancelled))
        {
            players.Add(reader.GetString(0));
        }

        return players;
    }

    private static async Task<Guid[]> WriteAsync(PostgresMatchRecords records, Story story, int seed)
    {
        var random = new Random(seed);
        Guid[] ids = [.. Enumerable.Range(0, Story.Matches).Select(_ => Guid.NewGuid())];
        var entries = story.Events.Concat(story.Events.Where(_ => random.Next(3) == 0)).Select(e => e.ToRecord(ids[e.Match])).ToArray();
        random.Shuffle(entries);
        for (var at = 0; at < entries.Length;)
        {
            var size = random.Next(1, 6);
            await records.UpsertAsync([.. entries.Skip(at).Take(size)], Cancelled);
            at += size;
        }

        return ids;
    }

    private static Gen<Story> Stories()
    {
        var events =
            from match in Gen.Choose(0, Story.Matches - 1)
            from created in Gen.Choose(0, 3)
            from ended in Gen.Choose(-2, 3)
            from pods in Gen.Two(Gen.Elements("", "a", "b", "Z", "\u00E9", "\U0001F600", "\uFF5E"))
            from known in Gen.Elements(true, true, false)
            select new StoryEvent(match, created, ended < 0 ? null : ended, pods.Item1, pods.Item2, known);
        return from list in events.NonEmptyListOf()
               from first in Gen.Choose(0, int.MaxValue - 1)
               from second in Gen.Choose(0, int.MaxValue - 1)
               select new Story([.. list], first, second);
    }

    private sealed record StoryEvent(int Match, int Created, int? Ended, string BackendPod, string GameServerPod, bool PlayersKnown)
    {
        public static string[] PlayersOf(int match) => [$"p{match}", $"q{match}", "everywhere"];

        public MatchRecord ToRecord(Guid id) => new()
        {
            SessionId = id,
            Players = PlayersKnown ? PlayersOf(Match) : [],
            BackendPod = BackendPod,
            GameServerPod = GameServerPod,
            CreatedAt = TestRecords.Noon.AddMicroseconds(Created),
            EndedAt = Ended is { } ended ? TestRecords.Noon.AddMicroseconds(ended) : null,
        };
    }

    private sealed record Story(IReadOnlyList<StoryEvent> Events, int FirstSeed, int SecondSeed)
    {
        public const int Matches = 3;

        /// <summary>The rules in words of C#; null when nothing of this match happens.</summary>
        public MatchRecord? Expected(int match, Guid id)
        {
            var own = Events.Where(e => e.Match == match).ToList();
            return own.Count == 0 ? null : new MatchRecord
            {
                SessionId = id,
                Players = own.Any(e => e.PlayersKnown) ? StoryEvent.PlayersOf(match) : [],
                BackendPod = own.Select(e => e.BackendPod).MaxBy(Bytes)!,
                GameServerPod = own.Select(e => e.GameServerPod).MaxBy(Bytes)!,
                CreatedAt = TestRecords.Noon.AddMicroseconds(own.Min(e => e.Created)),
                EndedAt = own.Min(e => e.Ended) is { } ended ? TestRecords.Noon.AddMicroseconds(ended) : null,
            };
        }

        // Postgres compares the bytes of UTF-8, C# the units of UTF-16.
        private static string Bytes(string text) => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(text));
    }
}
