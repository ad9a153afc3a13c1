using System.Text.Json;
using Npgsql;

namespace GameStack.Tests.Support;

/// <summary>The table <c>matches</c> as somebody with nothing but a database client sees it.</summary>
public sealed class MatchTable(string connectionString) : IAsyncDisposable
{
    private const string Read =
        "SELECT session_id::text, players_json::text, backend_pod, game_server_pod, created_at, ended_at FROM matches ORDER BY session_id";

    // The table itself says when it was written.
    private const string Watch =
        """
        CREATE OR REPLACE FUNCTION matches_changed() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_notify('matches_changed', ''); RETURN NULL; END $$;
        CREATE OR REPLACE TRIGGER matches_changed AFTER INSERT OR UPDATE OR DELETE ON matches
            FOR EACH STATEMENT EXECUTE FUNCTION matches_changed();
        LISTEN matches_changed;
        """;

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(connectionString);

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>All rows, as soon as <paramref name="isEnough"/> of them.</summary>
    public async Task<IReadOnlyList<MatchRow>> WaitUntilAsync(Predicate<IReadOnlyList<MatchRow>> isEnough, string phase)
    {
        using var within = Waits.Within(Waits.Patient);
        await using var connection = await _source.OpenConnectionAsync(within.Token);
        await using (var watch = new NpgsqlCommand(Watch, connection))
            await watch.ExecuteNonQueryAsync(within.Token);

        while (true)
        {
            var rows = await ReadAsync(connection, within.Token);
            if (isEnough(rows))
            {
                return rows;
            }

            try
            {
                await connection.WaitAsync(within.Token);
            }
            catch (OperationCanceledException e)
            {
                throw new TimeoutException($"{phase}: not so in Postgres:{Environment.NewLine}{string.Join(Environment.NewLine, rows)}", e);
            }
        }
    }

    private static async Task<List<MatchRow>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Read, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<MatchRow> rows = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new MatchRow(
                reader.GetString(0),
                JsonSerializer.Deserialize<string[]>(reader.GetString(1)) ?? [],
                await reader.IsDBNullAsync(2, cancellationToken) ? null : reader.GetString(2),
                await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetString(3),
                await reader.IsDBNullAsync(4, cancellationToken) ? null : reader.GetFieldValue<DateTime>(4),
                await reader.IsDBNullAsync(5, cancellationToken) ? null : reader.GetFieldValue<DateTime>(5)));
        }

        return rows;
    }
}
