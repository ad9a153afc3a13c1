using GameStack.Backend.Records;
using GameStack.Tests.Backend.GameServers;
using GameStack.Tests.Backend.Queue;
using GameStack.Tests.Support;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace GameStack.Tests.Backend.Records;

public sealed class MatchRecordWriterTests(PostgresFixture postgres, RedisFixture redis)
{
    private const int Unavailable = 100;
    private const int WorksAgain = 102;
    private const int Refused = 303;
    private const int StoppedEarly = 304;
    private const int Unreadable = 308;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_in_the_outbox_and_what_comes_later_is_written_and_taken_away()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var outbox = new InMemoryOutbox();
        var before = Records(1200);
        outbox.Add(before);
        await using var writer = await RunningWriter.StartAsync(outbox, database);
        await outbox.WaitUntilEmptyAsync(Patience);
        Assert.Equal(1200L, await CountAsync(database, "matches"));

        var later = Records(3);
        outbox.Add(later);
        outbox.Add([.. later.Select(record => record with { EndedAt = TestRecords.Noon.AddMinutes(1) })]);
        await outbox.WaitUntilEmptyAsync(Patience);

        Assert.Equal(1203L, await CountAsync(database, "matches"));
        Assert.Equal(1200L, await CountAsync(database, "matches WHERE ended_at IS NULL"));
    }

    [Fact]
    public async Task Postgres_may_come_late_and_go_away_and_every_record_arrives()
    {
        var server = await postgres.StartNewAsync();
        var options = postgres.Options() with { Port = server.Port, Password = "kept" };
        await server.DisposeAsync();

        // Small time-outs: connections to the server that went away must not be waited for.
        await using var database = NpgsqlDataSource.Create(
            $"Host=127.0.0.1;Port={options.Port};Username=postgres;Password=kept;Database=postgres;Timeout=5");
        var outbox = new InMemoryOutbox();
        outbox.Add(Records(100));
        using var log = new LogRecords();
        await using var writer = await RunningWriter.StartAsync(outbox, database, log);
        await log.WaitForAsync(Unavailable, 1);

        await using (await postgres.StartNewAsync(options))
        {
            await outbox.WaitUntilEmptyAsync(Patience);
            Assert.Equal(100L, await CountAsync(database, "matches"));
        }

        outbox.Add(Records(700));
        await log.WaitForAsync(Unavailable, 2);

        await using (await postgres.StartNewAsync(options))
        {
            await outbox.WaitUntilEmptyAsync(Patience);
            Assert.Equal(800L, await CountAsync(database, "matches"));
            await log.WaitForAsync(WorksAgain, 2);
        }

        // Once for each change of state, however many attempts there were.
        Assert.Equal(2, log.Of(Unavailable).Count);
        Assert.Equal(2, log.Of(WorksAgain).Count);
    }

    [Fact]
    public async Task While_a_row_is_locked_the_writer_is_degraded_although_Postgres_takes_other_writes()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var outbox = new InMemoryOutbox();
        var records = Records(1);
        outbox.Add(records);
        await using var writer = await RunningWriter.StartAsync(outbox, database);
        await outbox.WaitUntilEmptyAsync(Patience);
        await using var connection = await database.OpenConnectionAsync(Cancelled);
        await using (var transaction = await connection.BeginTransactionAsync(Cancelled))
        {
            await using var hold = new NpgsqlCommand("SELECT FROM matches FOR UPDATE", connection, transaction);
            await hold.ExecuteNonQueryAsync(Cancelled);
            outbox.Add([.. records.Select(record => record with { EndedAt = TestRecords.Noon.AddMinutes(1) })]);
            await Eventually.IsAsync("a failure", _ => Task.FromResult(writer.Failures > 0), Patience);

            // The second try begins with a write of nothing, which Postgres takes.
            await Eventually.IsAsync(
                "another failure",
                async _ =>
                {
                    Assert.Equal(HealthStatus.Degraded, await writer.CheckHealthAsync());
                    return writer.Failures > 1;
                },
                Patience);
            await transaction.RollbackAsync(Cancelled);
        }

        await outbox.WaitUntilEmptyAsync(Patience);
        await Eventually.IsAsync("healthy", async _ => await writer.CheckHealthAsync() == HealthStatus.Healthy, Patience);
    }

    [Fact]
    public async Task Records_that_are_written_while_Postgres_is_restarted_all_arrive()
    {
        var options = postgres.Options() with { Password = "kept" };
        var server = await postgres.StartNewAsync(options);
        options = options with { Port = server.Port };
        await using var database = NpgsqlDataSource.Create(server.ConnectionString);
        var outbox = new InMemoryOutbox();
        await using var writer = await RunningWriter.StartAsync(outbox, database);
        using var enough = new CancellationTokenSource();
        var written = 0;
        var players = Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    outbox.Add(Records(20));
                    written += 20;
                    await Task.Yield();
                    await outbox.WaitUntilEmptyAsync(Patience);
                }
            },
            Cancelled);

        for (var restart = 0; restart < 2; restart++)
        {
            await server.DisposeAsync();
            server = await postgres.StartNewAsync(options);
        }

        await enough.CancelAsync();
        await players;
        Assert.Equal((long)written, await CountAsync(database, "matches"));
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_record_that_Postgres_refuses_is_kept_aside_and_holds_nothing_up()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await using (var older = database.CreateCommand(
            "CREATE TABLE matches (session_id uuid PRIMARY KEY, game_server_pod text CHECK (game_server_pod <> 'refused'))"))
        {
            await older.ExecuteNonQueryAsync(Cancelled);
        }

        var outbox = new InMemoryOutbox();
        var refused = TestRecords.New("ann \U0001F600") with { GameServerPod = "refused" };
        outbox.Add([.. Records(10), refused, .. Records(10)]);
        using var log = new LogRecords();
        await using var writer = await RunningWriter.StartAsync(outbox, database, log);
        await outbox.WaitUntilEmptyAsync(Patience);

        Assert.Equal(20L, await CountAsync(database, "matches"));
        Assert.Equal(1L, await CountAsync(
            database, $"match_records_refused WHERE record::json ->> 'SessionId' = '{refused.SessionId}' AND reason LIKE '23514%'"));
        Assert.Single(log.Of(Refused));
        Assert.Equal((20, 1), (writer.Written, writer.Refused));
    }

    [Fact]
    public async Task An_entry_that_cannot_be_read_is_kept_aside_and_holds_nothing_up()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await using var queues = await RedisQueues.StartAsync(redis, TestRules.Of(size: 2));
        var (match, players, created, ended) = ($"{Guid.NewGuid()}", """["ann \u0000"]""", "1764000000000000", "");
        await queues.AddToOutboxAsync(("new", "kind"));
        await AddAsync("not a match", players, created, ended);
        await AddAsync(match, "ann", created, ended);
        await AddAsync(match, players, "yesterday", ended);
        await AddAsync(match, players, created, $"{long.MaxValue}");
        await AddAsync(match, players.Replace("\\u0000", "", StringComparison.Ordinal), created, ended);
        using var log = new LogRecords();
        await using var writer = await RunningWriter.StartAsync(queues.Outboxes[0], database, log);

        var texts = (await log.WaitForAsync(Unreadable, 5)).Select(record => record.Properties["Entry"]).ToList();
        await writer.StopAsync(); // Writes what is left.

        Assert.Empty(await queues.Outboxes[0].ReadAsync(10, Cancelled));
        Assert.Equal(1L, await CountAsync(database, $"matches WHERE session_id = '{match}'"));
        Assert.Equal(5L, await CountAsync(database, "match_records_refused WHERE reason LIKE '%cannot read%'"));
        Assert.Equal(1L, await CountAsync(database, $"match_records_refused WHERE record = '{texts[0]}' AND record::json ->> 1 = 'kind'"));
        Assert.Equal((1, 5), (writer.Written, writer.Refused));
        Assert.Equal(5, log.Problems.Count);

        Task AddAsync(string session, string players, string created, string ended) => queues.AddToOutboxAsync(
            ("match", session), ("players", players), ("backend", "b"), ("server", "s"), ("created", created), ("ended", ended));
    }

    [Fact]
    public async Task A_backend_that_has_lost_Postgres_leaves_the_outbox_to_the_others_also_when_it_stops()
    {
        var address = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync());
        await using var way = new TcpForwarder(address.Port);
        address.Port = way.Port;
        await using var database = NpgsqlDataSource.Create(address.ConnectionString);
        await using var queues = await RedisQueues.StartAsync(redis, TestRules.Of(size: 1), backends: 2);
        await AddAsync();
        using var log = new LogRecords();
        await using var writer = await RunningWriter.StartAsync(queues.Outboxes[0], database, log);
        await Eventually.GetAsync("records written", _ => Task.FromResult(writer.Written), count => count == 1, Patience);

        way.MoveTo(1, cut: true); // Nobody listens there.
        await AddAsync();
        await log.WaitForAsync(Unavailable, 1);
        await queues.DeleteAsync(":outbox:turn"); // It has run out.
        var before = writer.Failures;
        await Eventually.GetAsync("failures", _ => Task.FromResult(writer.Failures), count => count >= before + 2, Patience);
        await writer.StopAsync();

        Assert.Empty(log.Of(StoppedEarly));
        Assert.Single(await queues.Outboxes[1].ReadAsync(10, Cancelled));

        Task AddAsync() => queues.AddToOutboxAsync(
            ("match", $"{Guid.NewGuid()}"), ("players", "[]"), ("backend", "b"), ("server", "s"), ("created", "0"), ("ended", ""));
    }

    [Fact]
    public async Task A_stopping_backend_writes_what_is_in_the_outbox()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var outbox = new InMemoryOutbox();
        await using var writer = await RunningWriter.StartAsync(outbox, database);
        outbox.Add(Records(1));
        await outbox.WaitUntilEmptyAsync(Patience);

        outbox.Add(Records(600)); // More than it writes at once.
        await writer.StopAsync();

        Assert.Equal(601L, await CountAsync(database, "matches"));
        Assert.Empty(await outbox.ReadAsync(1, Cancelled));
    }

    [Fact]
    public async Task A_stopping_backend_does_not_wait_for_a_Postgres_that_is_away()
    {
        await using var database = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody");
        var outbox = new InMemoryOutbox();
        outbox.Add(Records(3));
        using var log = new LogRecords();
        await using var writer = await RunningWriter.StartAsync(outbox, database, log);
        await log.WaitForAsync(Unavailable, 1);

        await writer.StopAsync().WaitAsync(Patience, Cancelled);

        Assert.Equal(3, (await outbox.ReadAsync(10, Cancelled)).Count);
        Assert.True(writer.Failures > 0);
        Assert.Empty(log.Of(StoppedEarly)); // The log has said already that Postgres is away.
    }

    private static MatchRecord[] Records(int count) =>
        [.. Enumerable.Range(0, count).Select(i => TestRecords.New($"p{i}", $"q{i}"))];

    private static async Task<object?> CountAsync(NpgsqlDataSource database, string what)
    {
        await using var command = database.CreateCommand($"SELECT count(*) FROM {what}");
        return await command.ExecuteScalarAsync(Cancelled);
    }
}
