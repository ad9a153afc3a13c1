using System.Net.Sockets;
using System.Text.Encodings.Web;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace GameStack.Backend.Records;

/// <summary>
/// The match records in Postgres. Every call throws <see cref="DependencyUnavailableException"/> while Postgres is unavailable and until
/// <see cref="PrepareAsync"/> has succeeded once.
/// </summary>
public sealed class PostgresMatchRecords(NpgsqlDataSource database) : IMatchRecords
{
    /// <summary>In seconds: a client waits for what is read, and gives up after five.</summary>
    private const int ReadTimeout = 3;

    // Player ids stay unescaped for people who read the table; the text never reaches HTML.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private volatile MatchTable? _table;

    /// <summary>Whether the tables are known to be in their present form.</summary>
    public bool IsReady => _table is not null;

    private MatchTable Table => _table ?? throw new DependencyUnavailableException("Postgres", "The tables of the match records have not been seen yet.");

    /// <summary>Creates or migrates the tables, unless that was done before.</summary>
    public Task PrepareAsync(CancellationToken cancellationToken) => IsReady
        ? Task.CompletedTask
        : GuardAsync(async () => _table = await MatchSchema.MigrateAsync(database, cancellationToken));

    /// <inheritdoc/>
    /// <exception cref="MatchRecordRefusedException">Postgres refuses one of the records, so none is written.</exception>
    public Task UpsertAsync(IReadOnlyList<MatchRecord> records, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(records);
        return records.Count == 0 ? Task.CompletedTask : GuardAsync(async () =>
        {
            await using var command = database.CreateCommand(Table.Upsert);
            AddArray(command, NpgsqlDbType.Uuid, records, record => record.SessionId);
            AddArray(command, NpgsqlDbType.Text, records, record => JsonSerializer.Serialize(record.Players, Json));
            AddArray(command, NpgsqlDbType.Text, records, record => record.BackendPod);
            AddArray(command, NpgsqlDbType.Text, records, record => record.GameServerPod);
            AddArray(command, NpgsqlDbType.TimestampTz, records, record => record.CreatedAt.UtcDateTime);
            AddArray(command, NpgsqlDbType.TimestampTz, records, record => record.EndedAt?.UtcDateTime);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        });
    }

    /// <summary>Keeps a record that <see cref="UpsertAsync"/> refuses in the table <c>match_records_refused</c>.</summary>
    public Task SetAsideAsync(MatchRecord record, string reason, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await using var command = database.CreateCommand("INSERT INTO match_records_refused (record, reason) VALUES ($1, $2)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Describe(record) });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = reason });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    });

    public async Task<MatchRecord?> FindAsync(Guid sessionId, CancellationToken cancellationToken) =>
        (await ReadAsync(table => table.Find, sessionId, cancellationToken)).FirstOrDefault();

    public async Task<MatchRecord?> FindLatestAsync(string playerId, CancellationToken cancellationToken) =>
        (await ReadAsync(table => table.FindLatest, playerId, cancellationToken)).FirstOrDefault();

    public async Task<IReadOnlyList<MatchRecord>> ListActiveAsync(int max, CancellationToken cancellationToken) =>
        await ReadAsync(table => table.ListActive, max, cancellationToken);

    /// <summary>A whole record as one line of ASCII.</summary>
    internal static string Describe(MatchRecord record) => JsonSerializer.Serialize(record);

    private static void AddArray<T>(NpgsqlCommand command, NpgsqlDbType type, IReadOnlyList<MatchRecord> records, Func<MatchRecord, T> value) =>
        command.Parameters.Add(new NpgsqlParameter<T[]> { NpgsqlDbType = NpgsqlDbType.Array | type, TypedValue = [.. records.Select(value)] });

    private Task<List<MatchRecord>> ReadAsync<T>(Func<MatchTable, string> statement, T parameter, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await using var command = database.CreateCommand(statement(Table));
        command.CommandTimeout = ReadTimeout;
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = parameter });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var records = new List<MatchRecord>();
        while (await reader.ReadAsync(cancellationToken))
        {
            // An older table may hold ids that are not uuids.
            if (Guid.TryParse(reader.GetString(0), out var sessionId))
            {
                records.Add(new MatchRecord
                {
                    SessionId = sessionId,
                    Players = ParsePlayers(reader.GetString(1)),
                    BackendPod = reader.GetString(2),
                    GameServerPod = reader.GetString(3),
                    CreatedAt = reader.GetFieldValue<DateTimeOffset>(4),
                    EndedAt = await reader.IsDBNullAsync(5, cancellationToken) ? null : reader.GetFieldValue<DateTimeOffset>(5),
                });
            }
        }

        return records;
    });

    private static List<string> ParsePlayers(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<List<string>>(json) ?? [];
        }
        catch (JsonException)
        {
            // This row is from an older table and does not hold a list of players.
            return [];
        }
    }

    private async Task<T> GuardAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (PostgresException e) when (IsRefusal(e.SqlState))
        {
            throw new MatchRecordRefusedException($"{e.SqlState}: {e.MessageText}", e);
        }
        catch (PostgresException e)
        {
            if (IsSchemaChange(e.SqlState))
            {
                // A table was dropped or changed from outside: check and migrate again.
                _table = null;
            }

            throw new DependencyUnavailableException("Postgres", $"{e.SqlState}: {e.MessageText}", e);
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException or NotSupportedException)
        {
            throw new DependencyUnavailableException("Postgres", e.InnerException is { } inner ? $"{e.Message}: {inner.Message}" : e.Message, e);
        }
    }

    /// <summary>
    /// Data exceptions, violated integrity constraints, exceeded limits of Postgres, and errors that a trigger raises: Postgres will
    /// not take the record later either.
    /// </summary>
    private static bool IsRefusal(string sqlState) =>
        sqlState.StartsWith("22", StringComparison.Ordinal)
        || sqlState.StartsWith("23", StringComparison.Ordinal)
        || sqlState.StartsWith("54", StringComparison.Ordinal)
        || sqlState.StartsWith("P0", StringComparison.Ordinal);

    private static bool IsSchemaChange(string sqlState) => sqlState.StartsWith("42", StringComparison.Ordinal);
}
