using Npgsql;

namespace GameStack.Backend.Records;

/// <summary>The tables of the match records (MatchSchema.sql).</summary>
public static class MatchSchema
{
    private const string ColumnTypes =
        """
        SELECT attname::text, typname::text
        FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
        WHERE attrelid = 'matches'::regclass AND attnum > 0 AND NOT attisdropped
        """;

    private static readonly string Script = ReadScript();

    /// <summary>Creates or migrates the tables, and reports which types the columns of <c>matches</c> have.</summary>
    /// <exception cref="NotSupportedException">A column of an older table has a type that cannot hold a record's value.</exception>
    public static async Task<MatchTable> MigrateAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // No time-out: copying the players of a large older table takes time, and so does waiting for the backend that copies them.
        await using (var migrate = new NpgsqlCommand(Script, connection, transaction) { CommandTimeout = 0 })
        {
            await migrate.ExecuteNonQueryAsync(cancellationToken);
        }

        var types = new Dictionary<string, string>();
        await using (var columns = new NpgsqlCommand(ColumnTypes, connection, transaction))
        await using (var reader = await columns.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                types.Add(reader.GetString(0), reader.GetString(1));
            }
        }

        await transaction.CommitAsync(cancellationToken);
        return MatchTable.Of(types);
    }

    private static string ReadScript()
    {
        using var reader = new StreamReader(typeof(MatchSchema).Assembly.GetManifestResourceStream("MatchSchema.sql")!);
        return reader.ReadToEnd();
    }
}
