using System.Net.Sockets;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace GameStack.Backend.Records;

/// <summary>
/// The match records of this backend's queue in Postgres. Every call throws <see cref="DependencyUnavailableException"/> while Postgres is
/// unavailable and until <see cref="PrepareAsync"/> has succeeded once.
/// </summary>
internal sealed class PostgresMatchRecords(NpgsqlDataSource database, BackendIdentity identity) : IMatchRecords
{
    /// <summary>The name of Postgres in <see cref="DependencyUnavailableException"/>.</summary>
    public const string Dependency = "Postgres";

    /// <summary>In seconds: more than a full batch needs, and less than what would hide a Postgres that hangs.</summary>
    private const int WriteTimeout = 10;

    /// <summary>In seconds: a client waits for what is read, and gives up after five.</summary>
    private const int ReadTimeout = 3;

    private volatile bool _isReady;

    public bool AreKept => true;

    /// <summary>Whether the tables are known to be in their present form.</summary>
    public bool IsReady => _isReady;

    /// <summary>Creates or migrates the tables, unless that was done before.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (!_isReady)
        {
            await GuardAsync(() => MatchSchema.MigrateAsync(database, cancellationToken));
            _isReady = true;
        }
    }

    /// <summary>As in the interface. Without records, it shows whether Postgres would take some.</summary>
    /// <exception cref="MatchRecordRefusedException">Postgres refuses one of the records, so none is written.</exception>
    public Task UpsertAsync(IReadOnlyList<MatchRecord> records, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await using var command = CreateCommand(MatchStatements.Upsert);
        command.CommandTimeout = WriteTimeout;
        AddArray(NpgsqlDbType.Uuid, record => record.SessionId);
        AddArray(NpgsqlDbType.Text, record => JsonSerializer.Serialize(record.Players));
        AddArray(NpgsqlDbType.Text, record => record.BackendPod);
        AddArray(NpgsqlDbType.Text, record => record.GameServerPod);
        AddArray(NpgsqlDbType.TimestampTz, record => record.CreatedAt.UtcDateTime);
        AddArray(NpgsqlDbType.TimestampTz, record => record.EndedAt?.UtcDateTime);
        AddArray(NpgsqlDbType.Text, record => record.EndedBy);
        command.Parameters.Add(Parameter(identity.Queue));
        try
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException e) when (IsRefusal(e.SqlState))
        {
            throw new MatchRecordRefusedException($"{e.SqlState}: {e.MessageText}", e);
        }

        void AddArray<T>(NpgsqlDbType type, Func<MatchRecord, T> value) =>
            command.Parameters.Add(new NpgsqlParameter<T[]>
            {
                NpgsqlDbType = NpgsqlDbType.Array | type,
                TypedValue = [.. records.Select(value)],
            });
    });

    /// <summary>Keeps a record that <see cref="UpsertAsync"/> refuses in the table <c>match_records_refused</c>.</summary>
    public Task SetAsideAsync(MatchRecord record, string reason, CancellationToken cancellationToken) =>
        SetAsideAsync(Describe(record), reason, cancellationToken);

    /// <summary>Keeps an entry of the outbox that cannot be read in the same table.</summary>
    /// <param name="record">One line of ASCII.</param>
    /// <param name="reason">Why it is kept there.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    public Task SetAsideAsync(string record, string reason, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await using var command = CreateCommand("INSERT INTO match_records_refused (record, reason) VALUES ($1, $2)");
        command.Parameters.Add(Parameter(record));
        command.Parameters.Add(Parameter(reason));
        await command.ExecuteNonQueryAsync(cancellationToken);
    });

    public async Task<MatchRecord?> FindAsync(Guid sessionId, CancellationToken cancellationToken) =>
        await ReadAsync(MatchStatements.Find, [Parameter(sessionId)], cancellationToken) is [var record, ..] ? record : null;

    public async Task<MatchRecord?> FindLatestAsync(string playerId, CancellationToken cancellationToken) =>
        await ReadAsync(MatchStatements.FindLatest, [Parameter(playerId)], cancellationToken) is [var record, ..] ? record : null;

    public Task<IReadOnlyList<MatchRecord>> ListActiveAsync(Guid? after, int max, CancellationToken cancellationToken) => after is { } last
        ? ReadAsync(MatchStatements.ListActiveAfter, [Parameter(max), Parameter(last)], cancellationToken)
        : ReadAsync(MatchStatements.ListActive, [Parameter(max)], cancellationToken);

    /// <summary>
    /// Deletes old matches, at most <paramref name="max"/> that have ended and <paramref name="max"/> without an end, and as many refused
    /// records. Returns the number of matches, or null while another backend deletes.
    /// </summary>
    public async Task<long?> DeleteOldAsync(
        DateTimeOffset endedBefore, DateTimeOffset createdBefore, int max, CancellationToken cancellationToken)
    {
        object? deleted = null;
        await GuardAsync(async () =>
        {
            await using var command = CreateCommand(MatchStatements.DeleteOld);
            command.Parameters.Add(Parameter(endedBefore.UtcDateTime));
            command.Parameters.Add(Parameter(createdBefore.UtcDateTime));
            command.Parameters.Add(Parameter(max));
            deleted = await command.ExecuteScalarAsync(cancellationToken);
        });
        return deleted as long?;
    }

    /// <summary>A whole record as one line of ASCII.</summary>
    internal static string Describe(MatchRecord record) => JsonSerializer.Serialize(record);

    private async Task<IReadOnlyList<MatchRecord>> ReadAsync(
        string statement, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        List<MatchRecord> records = [];
        await GuardAsync(async () =>
        {
            await using var command = CreateCommand(statement);
            command.CommandTimeout = ReadTimeout;
            command.Parameters.Add(Parameter(identity.Queue));
            command.Parameters.AddRange(parameters);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                records.Add(new MatchRecord
                {
                    SessionId = reader.GetGuid(0),
                    Players = ParsePlayers(reader.GetString(1)),
                    BackendPod = reader.GetString(2),
                    GameServerPod = reader.GetString(3),
                    CreatedAt = reader.GetFieldValue<DateTimeOffset>(4),
                    EndedAt = reader.GetFieldValue<DateTimeOffset?>(5),
                    EndedBy = reader.GetValue(6) as string,
                });
            }
        });
        return records;
    }

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

    private static NpgsqlParameter<T> Parameter<T>(T value) => new() { TypedValue = value };

    private NpgsqlCommand CreateCommand(string statement) => _isReady
        ? database.CreateCommand(statement)
        : throw new DependencyUnavailableException(Dependency, "The tables of the match records have not been checked yet.");

    private async Task GuardAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (PostgresException e)
        {
            if (IsSchemaChange(e.SqlState))
            {
                // A table was dropped or changed from outside: check and migrate again.
                _isReady = false;
            }

            if (e.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction)
            {
                database.Clear(); // After a failover, pooled connections still lead to the old primary.
            }

            throw new DependencyUnavailableException(Dependency, $"{e.SqlState}: {e.MessageText}", e);
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException)
        {
            var reason = e.InnerException is { } inner ? $"{e.Message}: {inner.Message}" : e.Message;
            throw new DependencyUnavailableException(Dependency, reason, e);
        }
    }

    /// <summary>
    /// Data exceptions, violated integrity constraints, exceeded limits of Postgres, and errors that a trigger raises: Postgres will
    /// not take the record later either.
    /// </summary>
    private static bool IsRefusal(string sqlState) => sqlState[..2] is "22" or "23" or "54" or "P0";

    /// <summary>Class 42, but for a missing permission, which no migration grants.</summary>
    private static bool IsSchemaChange(string sqlState) => sqlState[..2] is "42" && sqlState != PostgresErrorCodes.InsufficientPrivilege;
}
