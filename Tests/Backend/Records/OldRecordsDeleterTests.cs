using System.Diagnostics.Metrics;
using GameStack.Backend;
using GameStack.Backend.Records;
using GameStack.Tests.Backend.Background;
using GameStack.Tests.Backend.GameServers;
using GameStack.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace GameStack.Tests.Backend.Records;

public sealed class OldRecordsDeleterTests : IAsyncLifetime
{
    private const int KeepDays = 90;
    private const int Deleted = 305;
    private static readonly TimeSpan Keep = TimeSpan.FromDays(KeepDays);
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>Longer than any match can last.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(25);

    private readonly ObservedTime _time = new();
    private readonly LogRecords _log = new();
    private readonly LoggerFactory _logs;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MatchRecordInstruments _instruments;
    private readonly MeterListener _listener = new();
    private readonly PostgresFixture _postgres;
    private NpgsqlDataSource _database = null!;
    private PostgresMatchRecords _records = null!;
    private long _counted;

    public OldRecordsDeleterTests(PostgresFixture postgres)
    {
        _postgres = postgres;
        _logs = new LoggerFactory([_log]);
        _instruments = new MatchRecordInstruments(_services.GetRequiredService<IMeterFactory>());
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _counted, value));
        _listener.EnableMeasurementEvents(_instruments.Deleted);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private DateTimeOffset Now => _time.GetUtcNow();

    public async ValueTask InitializeAsync()
    {
        _time.SetUtcNow(TestRecords.Noon);
        _database = NpgsqlDataSource.Create(await _postgres.CreateDatabaseAsync());
        _records = new PostgresMatchRecords(_database, TestRecords.Backend);
        await _records.PrepareAsync(Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _services.DisposeAsync();
        _listener.Dispose();
        _logs.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task A_match_and_its_players_are_deleted_when_its_end_is_long_ago()
    {
        var old = Ended(Keep + TimeSpan.FromSeconds(1), "ann", "bob");
        var younger = Ended(Keep - TimeSpan.FromSeconds(1), "bob", "cid");
        await _records.UpsertAsync([old, younger], Cancelled);

        await RunRoundAsync();

        Assert.Null(await _records.FindAsync(old.SessionId, Cancelled));
        Assert.Null(await _records.FindLatestAsync("ann", Cancelled));
        TestRecords.Same(younger, await _records.FindLatestAsync("bob", Cancelled));
        Assert.Equal(2L, await CountAsync("match_players"));
        Assert.Equal(1, _counted);
        Assert.Single(_log.Of(Deleted));
    }

    [Fact]
    public async Task A_match_is_kept_from_its_end_on_however_long_ago_it_began()
    {
        await _records.UpsertAsync([Ended(TimeSpan.FromHours(1), "ann") with { CreatedAt = Now - (Keep * 2) }], Cancelled);

        await RunRoundAsync();

        Assert.NotNull(await _records.FindLatestAsync("ann", Cancelled));
    }

    [Fact]
    public async Task A_match_in_play_is_kept_and_one_whose_end_was_lost_is_deleted()
    {
        var inPlay = TestRecords.New("ann") with { CreatedAt = Now - TimeSpan.FromDays(1) };
        var perhaps = TestRecords.New("bob") with { CreatedAt = Now - Keep - Longest + TimeSpan.FromSeconds(1) };
        var lost = TestRecords.New("cid") with { CreatedAt = Now - Keep - Longest - TimeSpan.FromSeconds(1) };
        await _records.UpsertAsync([inPlay, perhaps, lost], Cancelled);

        await RunRoundAsync();

        Assert.Equal(
            [inPlay.SessionId, perhaps.SessionId],
            (await _records.ListActiveAsync(after: null, 10, Cancelled)).Select(record => record.SessionId));
        Assert.Null(await _records.FindLatestAsync("cid", Cancelled));
    }

    [Fact]
    public async Task With_the_shortest_time_no_match_that_may_still_be_in_play_is_deleted()
    {
        await _records.UpsertAsync([TestRecords.New("ann") with { CreatedAt = Now - TimeSpan.FromHours(24.5) }], Cancelled);

        await RunRoundAsync(keepDays: 1);

        Assert.NotNull(await _records.FindLatestAsync("ann", Cancelled));
    }

    [Fact]
    public async Task Without_the_setting_nothing_is_ever_deleted()
    {
        await _records.UpsertAsync([Ended(TimeSpan.FromDays(3650), "ann")], Cancelled);
        using var deleter = Deleter(keepDays: 0);

        await deleter.StartAsync(Cancelled);
        await deleter.ExecuteTask!;

        Assert.NotNull(await _records.FindLatestAsync("ann", Cancelled));
    }

    [Fact]
    public async Task More_than_a_batch_is_deleted_in_one_round()
    {
        await AddOldAsync(2500);
        await _records.UpsertAsync([Ended(TimeSpan.Zero, "ann")], Cancelled);

        await RunRoundAsync();

        Assert.Equal(1L, await CountAsync("matches"));
        Assert.Equal(1L, await CountAsync("match_players"));
        Assert.Equal(2500, _counted);
        Assert.Equal(2500L, Assert.Single(_log.Of(Deleted)).Properties["Count"]);
    }

    [Fact]
    public async Task Each_hour_brings_what_has_become_old_since()
    {
        await _records.UpsertAsync([Ended(Keep - TimeSpan.FromMinutes(90), "ann")], Cancelled);
        using var deleter = Deleter();
        await deleter.StartAsync(Cancelled);

        Assert.Equal(Period, await _time.PassNextWaitAsync(Cancelled));
        Assert.Equal(Period, await _time.NextWaitAsync(Cancelled));
        Assert.Equal(1L, await CountAsync("matches"));
        _time.Advance(Period);
        Assert.Equal(Period, await _time.NextWaitAsync(Cancelled));
        Assert.Equal(0L, await CountAsync("matches"));

        await deleter.StopAsync(Cancelled);
    }

    [Fact]
    public async Task While_one_backend_deletes_another_does_nothing()
    {
        await AddOldAsync(3);
        await using (var other = await _database.OpenConnectionAsync(Cancelled))
        {
            await ExecuteAsync(other, "SELECT pg_advisory_lock(7310579611540190)");
            await RunRoundAsync();
            Assert.Equal(3L, await CountAsync("matches"));
            await ExecuteAsync(other, "SELECT pg_advisory_unlock(7310579611540190)");
        }

        await RunRoundAsync();

        Assert.Equal(0L, await CountAsync("matches"));
    }

    [Fact]
    public async Task Backends_that_start_at_once_delete_each_match_once()
    {
        await AddOldAsync(3000);
        var deleters = Enumerable.Range(0, 4).Select(_ => Deleter()).ToList();

        await Task.WhenAll(deleters.Select(deleter => deleter.StartAsync(Cancelled)));
        foreach (var _ in deleters)
        {
            Assert.Equal(Period, await _time.NextWaitAsync(Cancelled));
        }

        Assert.Equal(0L, await CountAsync("matches"));
        Assert.Equal(3000, _counted);
        foreach (var deleter in deleters)
        {
            await deleter.StopAsync(Cancelled);
            deleter.Dispose();
        }
    }

    [Fact]
    public async Task A_row_that_is_being_written_holds_up_nothing()
    {
        var written = Ended(Keep * 2, "ann");
        await _records.UpsertAsync([written, Ended(Keep * 2, "bob")], Cancelled);
        await using (var connection = await _database.OpenConnectionAsync(Cancelled))
        {
            await using var transaction = await connection.BeginTransactionAsync(Cancelled);
            await ExecuteAsync(connection, $"UPDATE matches SET backend_pod = 'z' WHERE session_id = '{written.SessionId}'");
            await RunRoundAsync();
            await transaction.CommitAsync(Cancelled);
        }

        Assert.Equal(1L, await CountAsync("matches"));
        await RunRoundAsync();
        Assert.Equal(0L, await CountAsync("matches"));
    }

    [Fact]
    public async Task Refused_records_are_deleted_as_well()
    {
        await _records.SetAsideAsync(TestRecords.New("ann"), "old", Cancelled);
        await _records.SetAsideAsync(TestRecords.New("bob"), "new", Cancelled);
        await using (var connection = await _database.OpenConnectionAsync(Cancelled))
        {
            await ExecuteAsync(connection, "UPDATE match_records_refused SET refused_at = '2020-01-01' WHERE reason = 'old'");
        }

        await RunRoundAsync();

        Assert.Equal(1L, await CountAsync("match_records_refused WHERE reason = 'new'"));
        Assert.Equal(0L, await CountAsync("match_records_refused WHERE reason = 'old'"));
    }

    [Fact]
    public async Task Rows_of_an_older_table_are_deleted_whatever_they_hold()
    {
        await using (var connection = await _database.OpenConnectionAsync(Cancelled))
        {
            await ExecuteAsync(connection, "DROP TABLE matches, match_players");
            await ExecuteAsync(
                connection,
                "CREATE TABLE matches (session_id text PRIMARY KEY, players_json text, created_at timestamp, ended_at timestamp)");
            await ExecuteAsync(
                connection,
                """
                INSERT INTO matches VALUES
                    (gen_random_uuid()::text, '["ann", "bob", 7, null]', '2020-01-01', '2020-01-02'),
                    (gen_random_uuid()::text, NULL, NULL, '2020-01-02'),
                    (gen_random_uuid()::text, 'no list', '2020-01-01', '2020-01-02'),
                    ('no uuid', '{"ann": 1}', '2020-01-01', '2020-01-02'),
                    (gen_random_uuid()::text, '["ann"]', '2020-01-01', NULL),
                    (gen_random_uuid()::text, '["cid"]', NULL, NULL)
                """);
        }

        _records = new PostgresMatchRecords(_database, TestRecords.Backend);
        await RunRoundAsync();

        Assert.Equal(1L, await CountAsync("matches")); // Nothing says when it began.
        Assert.Equal(1L, await CountAsync("match_players"));
    }

    [Fact]
    public async Task Without_the_permission_to_delete_everything_else_goes_on()
    {
        await _records.UpsertAsync([Ended(Keep * 2, "ann")], Cancelled);
        await using (var connection = await _database.OpenConnectionAsync(Cancelled))
        {
            await ExecuteAsync(
                connection,
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE insufficient_privilege; END $$");
            await ExecuteAsync(connection, "CREATE TRIGGER refuse BEFORE DELETE ON matches FOR EACH ROW EXECUTE FUNCTION refuse()");
        }

        var refused = await Assert.ThrowsAsync<DependencyUnavailableException>(() => _records.DeleteOldAsync(Now, Now, 10, Cancelled));

        Assert.Contains("42501", refused.Message, StringComparison.Ordinal);
        Assert.NotNull(await _records.FindLatestAsync("ann", Cancelled));
    }

    private MatchRecord Ended(TimeSpan ago, params IReadOnlyList<string> players) => TestRecords.New(players) with
    {
        CreatedAt = Now - ago - TimeSpan.FromMinutes(10),
        EndedAt = Now - ago,
    };

    private Task AddOldAsync(int count) => _records.UpsertAsync(
        [.. Enumerable.Range(0, count).Select(i => Ended(Keep + TimeSpan.FromMinutes(i + 1), $"p{i % 7}", $"q{i}"))], Cancelled);

    /// <summary>One round of a backend that starts and stops.</summary>
    private async Task RunRoundAsync(int keepDays = KeepDays)
    {
        using var deleter = Deleter(keepDays);
        await deleter.StartAsync(Cancelled);
        Assert.Equal(Period, await _time.NextWaitAsync(Cancelled));
        await deleter.StopAsync(Cancelled);
    }

    private OldRecordsDeleter Deleter(int keepDays = KeepDays) => new(
        _records, _instruments, Options.Create(new RecordsOptions { KeepDays = keepDays }), _time, _logs.CreateLogger<OldRecordsDeleter>());

    private async Task<object?> CountAsync(string what)
    {
        await using var command = _database.CreateCommand($"SELECT count(*) FROM {what}");
        return await command.ExecuteScalarAsync(Cancelled);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancelled);
    }
}
