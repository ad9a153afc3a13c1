using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace GameStack.Backend.Records;

internal static class MatchRecordsExtensions
{
    /// <summary>The name of the connection string, and of the database in the AppHost's graph.</summary>
    private const string ConnectionName = "matches";

    /// <summary>
    /// Adds <see cref="IMatchRecords"/> in Postgres, the writer that carries records there from the <see cref="IMatchOutbox"/>,
    /// which is registered elsewhere, and the deleter of old records. The connection string is <c>ConnectionStrings:matches</c>, or else
    /// <c>DATABASE_URL</c>; without either, matches are not recorded.
    /// </summary>
    public static void AddMatchRecords(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddOptions<RecordsOptions>()
            .BindConfiguration(RecordsOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        if (FindConnectionString(builder.Configuration) is not { } connectionString)
        {
            builder.Services.AddSingleton<IMatchRecords, NullMatchRecords>();
            builder.Services.AddHostedService<OutboxDiscarder>();
            return;
        }

        builder.AddNpgsqlDataSource(ConnectionName, settings =>
        {
            settings.ConnectionString = WithLimits(connectionString);

            // The package's own check would fail readiness, but a backend goes on without Postgres.
            settings.DisableHealthChecks = true;
        });
        builder.Services.AddSingleton<MatchRecordInstruments>();
        builder.Services.AddSingleton<PostgresMatchRecords>();
        builder.Services.AddSingleton<IMatchRecords>(services => services.GetRequiredService<PostgresMatchRecords>());
        builder.Services.AddSingleton<MatchRecordWriter>();
        builder.Services.AddHostedService(services => services.GetRequiredService<MatchRecordWriter>());
        builder.Services.AddHostedService<OldRecordsDeleter>();
        builder.Services.AddHealthChecks().AddCheck<MatchRecordWriter>("postgres", HealthStatus.Degraded);
    }

    private static string? FindConnectionString(IConfiguration configuration)
    {
        if (configuration.GetConnectionString(ConnectionName) is { Length: > 0 } connectionString)
        {
            return connectionString;
        }

        return configuration["DATABASE_URL"] is { Length: > 0 } url ? DatabaseUrl.ToConnectionString(url) : null;
    }

    /// <summary>
    /// Sets limits that the connection string does not set itself. A backend gives up on a Postgres that does not answer before its clients
    /// give up on the backend, and many backends together stay below Postgres's usual 100 connections.
    /// </summary>
    private static string WithLimits(string connectionString)
    {
        var limits = new NpgsqlConnectionStringBuilder { Timeout = 3, MaxPoolSize = 10 };
        return new NpgsqlConnectionStringBuilder($"{limits};{connectionString}").ConnectionString;
    }
}
