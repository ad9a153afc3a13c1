using System.Diagnostics.Metrics;
using GameStack.Backend.Life;
using GameStack.Backend.Records;
using GameStack.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace GameStack.Tests.Backend.Records;

public sealed class MatchRecordWriterTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_in_the_outbox_and_what_comes_later_is_written_and_taken_away()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var outbox = new InMemoryOutbox();
        var before = Records(1200);
        outbox.Add(before);
        await using var writer = await Running.StartAsync(outbox, database);
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
        await using var database = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={options.Port};Username=postgres;Password=kept;Database=postgres;Timeout=5");
        var outbox = new InMemoryOutbox();
        outbox.Add(Records(100));
        var log = new CollectingLogger();
        await using var writer = await Running.StartAsync(outbox, database, log);
        await log.WaitForAsync(LogLevel.Warning, 1);

        await using (await postgres.StartNewAsync(options))
        {
            await outbox.WaitUntilEmptyAsync(Patience);
            Assert.Equal(100L, await CountAsync(database, "matches"));
        }

        outbox.Add(Records(700));
        await log.WaitForAsync(LogLevel.Warning, 2);

        await using (await postgres.StartNewAsync(options))
        {
            await outbox.WaitUntilEmptyAsync(Patience);
            Assert.Equal(800L, await CountAsync(database, "matches"));
            await log.WaitForAsync(LogLevel.Information, 2);
        }

        // Once for each change of state, however many attempts there were.
        Assert.Equal(2, log.Count(LogLevel.Warning));
        Assert.Equal(2, log.Count(LogLevel.Information));
    }

    [Fact]
    public async Task Records_that_are_written_while_Postgres_is_restarted_all_arrive()
    {
        var options = postgres.Options() with { Password = "kept" };
        var server = await postgres.StartNewAsync(options);
        options = options with { Port = server.Port };
        await using var database = NpgsqlDataSource.Create(server.ConnectionString);
        var outbox = new InMemoryOutbox();
        await using var writer = await Running.StartAsync(outbox, database);
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
        await using (var older = database.CreateCommand("CREATE TABLE matches (session_id uuid PRIMARY KEY, game_server_pod text CHECK (game_server_pod <> 'refused'))"))
        {
            await older.ExecuteNonQueryAsync(Cancelled);
        }

        var outbox = new InMemoryOutbox();
        var refused = TestRecords.New("ann \U0001F600") with { GameServerPod = "refused" };
        outbox.Add([.. Records(10), refused, .. Records(10)]);
        var log = new CollectingLogger();
        await using var writer = await Running.StartAsync(outbox, database, log);
        await outbox.WaitUntilEmptyAsync(Patience);

        Assert.Equal(20L, await CountAsync(database, "matches"));
        Assert.Equal(1L, await CountAsync(database, $"match_records_refused WHERE record::json ->> 'SessionId' = '{refused.SessionId}' AND reason LIKE '23514%'"));
        Assert.Equal(1, log.Count(LogLevel.Error));
        Assert.Equal((20, 1), (writer.Written, writer.Refused));
    }

    [Fact]
    public async Task A_stopping_backend_writes_what_is_in_the_outbox()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var outbox = new InMemoryOutbox();
        await using var writer = await Running.StartAsync(outbox, database);
        outbox.Add(Records(1));
        await outbox.WaitUntilEmptyAsync(Patience);

        outbox.Add(Records(2000));
        await writer.StopAsync();

        Assert.Equal(2001L, await CountAsync(database, "matches"));
        Assert.Empty(await outbox.ReadAsync(1, Cancelled));
    }

    [Fact]
    public async Task A_stopping_backend_does_not_wait_for_a_Postgres_that_is_away()
    {
        await using var database = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody");
        var outbox = new InMemoryOutbox();
        outbox.Add(Records(3));
        var log = new CollectingLogger();
        await using var writer = await Running.StartAsync(outbox, database, log);
        await log.WaitForAsync(LogLevel.Warning, 1);

        await writer.StopAsync().WaitAsync(Patience, Cancelled);

        Assert.Equal(3, (await outbox.ReadAsync(10, Cancelled)).Count);
    }

    private static MatchRecord[] Records(int count) =>
        [.. Enumerable.Range(0, count).Select(i => TestRecords.New($"p{i}", $"q{i}"))];

    private static async Task<object?> CountAsync(NpgsqlDataSource database, string what)
    {
        await using var command = database.CreateCommand($"SELECT count(*) FROM {what}");
        return await command.ExecuteScalarAsync(Cancelled);
    }

    /// <summary>A writer that runs, and what its instruments have counted.</summary>
    private sealed class Running : IAsyncDisposable
    {
        private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        private readonly MeterListener _listener = new();
        private readonly MatchRecordWriter _writer;
        private long _written;
        private long _refused;

        private Running(IMatchOutbox outbox, NpgsqlDataSource database, ILogger<MatchRecordWriter> logger)
        {
            var instruments = new MatchRecordInstruments(_services.GetRequiredService<IMeterFactory>());
            _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
            {
                if (instrument == instruments.Written)
                {
                    Interlocked.Add(ref _written, value);
                }
                else if (instrument == instruments.Refused)
                {
                    Interlocked.Add(ref _refused, value);
                }
            });
            _listener.EnableMeasurementEvents(instruments.Written);
            _listener.EnableMeasurementEvents(instruments.Refused);
            _writer = new MatchRecordWriter(outbox, new PostgresMatchRecords(database), instruments, new MatchLife([]), TimeProvider.System, logger);
        }

        public long Written => Interlocked.Read(ref _written);

        public long Refused => Interlocked.Read(ref _refused);

        public static async Task<Running> StartAsync(IMatchOutbox outbox, NpgsqlDataSource database, ILogger<MatchRecordWriter>? logger = null)
        {
            var running = new Running(outbox, database, logger ?? NullLogger<MatchRecordWriter>.Instance);
            await running._writer.StartAsync(Cancelled);
            return running;
        }

        public Task StopAsync() => _writer.StopAsync(CancellationToken.None);

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _writer.Dispose();
            _listener.Dispose();
            await _services.DisposeAsync();
        }
    }

    /// <summary>Counts what is logged, and tells when a count is reached.</summary>
    private sealed class CollectingLogger : ILogger<MatchRecordWriter>
    {
        private readonly List<LogLevel> _levels = [];
        private readonly List<(LogLevel Level, int Count, TaskCompletionSource Reached)> _waiting = [];

        public int Count(LogLevel level)
        {
            lock (_levels)
            {
                return _levels.Count(logged => logged == level);
            }
        }

        public Task WaitForAsync(LogLevel level, int count)
        {
            lock (_levels)
            {
                var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add((level, count, reached));
                Notify();
                return reached.Task.WaitAsync(Patience, Cancelled);
            }
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_levels)
            {
                _levels.Add(logLevel);
                Notify();
            }
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        private void Notify()
        {
            foreach (var waiting in _waiting.Where(waiting => Count(waiting.Level) >= waiting.Count))
            {
                waiting.Reached.TrySetResult();
            }
        }
    }
}
