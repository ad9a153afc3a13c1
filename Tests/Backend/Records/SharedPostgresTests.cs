using GameStack.Backend;
using GameStack.Backend.Matches;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;
using GameStack.Tests.Backend.Matches;
using GameStack.Tests.Backend.Queue;
using GameStack.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace GameStack.Tests.Backend.Records;

/// <summary>Several queues that keep their records in one Postgres.</summary>
public sealed class SharedPostgresTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly BackendIdentity Ranked = TestRecords.Backend with { Queue = "ranked" };
    private NpgsqlDataSource _database = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_queue_reads_no_match_of_another_queue()
    {
        var (casual, ranked) = (await ReadyAsync(TestRecords.Backend), await ReadyAsync(Ranked));
        var own = TestRecords.New("ann");
        var others = TestRecords.New("ann", "bob") with { CreatedAt = TestRecords.Noon.AddHours(1) };
        await casual.UpsertAsync([own], Cancelled);
        await ranked.UpsertAsync([others], Cancelled);

        Assert.Null(await casual.FindAsync(others.SessionId, Cancelled));
        Assert.Null(await casual.FindLatestAsync("bob", Cancelled));
        TestRecords.Same(own, await casual.FindLatestAsync("ann", Cancelled));
        TestRecords.Same(others, await ranked.FindLatestAsync("ann", Cancelled));
        TestRecords.Same(own, Assert.Single(await casual.ListActiveAsync(after: null, 10, Cancelled)));
        Assert.Empty(await casual.ListActiveAsync(others.SessionId, 10, Cancelled));
    }

    /// <summary>During a rolling update, backends of an older version still write rows without a queue.</summary>
    [Fact]
    public async Task A_row_without_a_queue_may_be_of_any_queue_until_one_writes_it()
    {
        var (casual, ranked) = (await ReadyAsync(TestRecords.Backend), await ReadyAsync(Ranked));
        var record = TestRecords.New("ann");
        await ranked.UpsertAsync([record], Cancelled);
        await using (var forget = _database.CreateCommand("UPDATE matches SET queue = NULL"))
        {
            await forget.ExecuteNonQueryAsync(Cancelled);
        }

        TestRecords.Same(record, await casual.FindAsync(record.SessionId, Cancelled));
        TestRecords.Same(record, await ranked.FindAsync(record.SessionId, Cancelled));

        await ranked.UpsertAsync([record], Cancelled);
        Assert.Null(await casual.FindAsync(record.SessionId, Cancelled));
        TestRecords.Same(record, await ranked.FindAsync(record.SessionId, Cancelled));
    }

    [Fact]
    public async Task A_call_to_one_queue_does_not_end_a_match_of_another()
    {
        var (casual, ranked) = (await ReadyAsync(TestRecords.Backend), await ReadyAsync(Ranked));
        var record = TestRecords.New("ann");
        await ranked.UpsertAsync([record], Cancelled);
        var (options, time, fleet) = (TestRules.Of(size: 2), new FakeTimeProvider(TestRecords.Noon), new FakeFleet());
        var memory = new MemoryBackend(options, time);
        await using var matches = new MatchBackend(memory, fleet, options, time);
        var ender = new MatchEnder(memory.Queue, matches.Assigner, casual, fleet, matches.Life, time, matches.Logger<MatchEnder>());

        Assert.Equal(EndOutcome.Unknown, await ender.EndAsync(record.SessionId, EndedBy.Anyone, Cancelled));

        TestRecords.Same(record, await ranked.FindAsync(record.SessionId, Cancelled));
        Assert.Empty(fleet.Ended);
    }

    private async Task<PostgresMatchRecords> ReadyAsync(BackendIdentity backend)
    {
        var records = new PostgresMatchRecords(_database, backend);
        await records.PrepareAsync(Cancelled);
        return records;
    }
}
