using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace GameStack.Backend.Records;

/// <summary>Degraded while Postgres is unavailable: matches go on without it, and their records are written later.</summary>
internal sealed class PostgresHealthCheck(NpgsqlDataSource database, PostgresMatchRecords records) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!records.IsReady)
        {
            return HealthCheckResult.Degraded("The tables of the match records have not been checked yet.");
        }

        try
        {
            await using var command = database.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException)
        {
            return HealthCheckResult.Degraded(e.Message, e);
        }
    }
}
