using Npgsql;

namespace GameStack.Backend.Records;

/// <summary>The tables of the match records (MatchSchema.sql).</summary>
internal static class MatchSchema
{
    private static readonly string Script = ReadScript();

    /// <summary>Creates or migrates the tables.</summary>
    public static async Task MigrateAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // No time-out: converting a large older table takes time, and so does waiting for the backend that converts it.
        await using var migrate = new NpgsqlCommand(Script, connection, transaction) { CommandTimeout = 0 };
        await migrate.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static string ReadScript()
    {
        using var reader = new StreamReader(typeof(MatchSchema).Assembly.GetManifestResourceStream("MatchSchema.sql")!);
        return reader.ReadToEnd();
    }
}
