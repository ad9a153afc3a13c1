using GameStack.Backend.Records;
using GameStack.Tests.Support;
using Npgsql;

namespace GameStack.Tests.Backend.Records;

public sealed class MatchStatementsTests(PostgresFixture postgres)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_searched_row_by_row()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var records = new PostgresMatchRecords(database, TestRecords.Backend);
        await records.PrepareAsync(Cancelled);
        for (var batch = 0; batch < 20; batch++)
        {
            var matches = Enumerable.Range(0, 500).Select(i => TestRecords.New($"p{i}", $"q{i}") with
            {
                CreatedAt = TestRecords.Noon.AddSeconds((batch * 500) + i),
                EndedAt = i % 100 == 0 ? null : TestRecords.Noon.AddDays(1),
            });
            await records.UpsertAsync([.. matches], Cancelled);
        }

        await using (var analyze = database.CreateCommand("ANALYZE"))
        {
            await analyze.ExecuteNonQueryAsync(Cancelled);
        }

        var latest = await ExplainAsync(database, MatchStatements.FindLatest, Queue(), Parameter("p7"));
        Assert.Contains("match_players_newest", latest, StringComparison.Ordinal);
        Assert.Contains("matches_pkey", latest, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan", latest, StringComparison.Ordinal);

        var active = await ExplainAsync(database, MatchStatements.ListActive, Queue(), Parameter(50));
        Assert.Contains("matches_active", active, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan", active, StringComparison.Ordinal);

        var next = await ExplainAsync(database, MatchStatements.ListActiveAfter, Queue(), Parameter(50), Parameter(Guid.NewGuid()));
        Assert.Contains("matches_active", next, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan", next, StringComparison.Ordinal);

        var time = TestRecords.Noon.AddHours(1).UtcDateTime;
        var delete = await ExplainAsync(database, MatchStatements.DeleteOld, Parameter(time), Parameter(time), Parameter(10));
        Assert.Contains("matches_ended", delete, StringComparison.Ordinal);
        Assert.Contains("matches_active", delete, StringComparison.Ordinal);
        Assert.Contains("match_players_pkey", delete, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on matches", delete, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on match_players", delete, StringComparison.Ordinal);
    }

    private static NpgsqlParameter<string> Queue() => Parameter(TestRecords.Backend.Queue);

    private static NpgsqlParameter<T> Parameter<T>(T value) => new() { TypedValue = value };

    private static async Task<string> ExplainAsync(NpgsqlDataSource database, string sql, params NpgsqlParameter[] parameters)
    {
        await using var command = database.CreateCommand("EXPLAIN " + sql);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        var plan = new List<string>();
        while (await reader.ReadAsync(Cancelled))
        {
            plan.Add(reader.GetString(0));
        }

        return string.Join('\n', plan);
    }
}
