using GameStack.ServiceDefaults.Settings;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.Backend.Records;

internal static class MatchRecordsExtensions
{
    /// <summary>
    /// Adds <see cref="IMatchRecords"/> in Postgres, the writer that carries records there from the <see cref="IMatchOutbox"/>,
    /// which is registered elsewhere, and the deleter of old records. If the settings name no Postgres
    /// (<see cref="DatabaseConnection"/>), matches are not recorded.
    /// </summary>
    /// <exception cref="Contracts.Settings.SettingException">A setting is wrong.</exception>
    public static void AddMatchRecords(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddSettings<RecordsOptions>(RecordsOptions.Section);
        builder.Services.AddSingleton<MatchRecordInstruments>();
        builder.Services.AddSingleton<OutboxLosses>();
        if (DatabaseConnection.Read(builder.Configuration) is not { } connectionString)
        {
            builder.Services.AddSingleton<IMatchRecords, NullMatchRecords>();
            builder.Services.AddHostedService<OutboxDiscarder>();
            return;
        }

        builder.AddNpgsqlDataSource(DatabaseConnection.Name, settings =>
        {
            settings.ConnectionString = connectionString;

            // The package's own check would fail readiness, but a backend goes on without Postgres.
            settings.DisableHealthChecks = true;
        });
        var settingNames = DatabaseConnection.NameSettings(builder.Configuration);
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<PostgresAccess>(services, settingNames));
        builder.Services.AddSingleton<PostgresMatchRecords>();
        builder.Services.AddSingleton<IMatchRecords>(services => services.GetRequiredService<PostgresMatchRecords>());
        builder.Services.AddSingleton<MatchRecordWriter>();
        builder.Services.AddHostedService(services => services.GetRequiredService<MatchRecordWriter>());
        builder.Services.AddHostedService<OldRecordsDeleter>();
        builder.Services.AddHealthChecks().AddCheck<MatchRecordWriter>("postgres", HealthStatus.Degraded);
    }
}
