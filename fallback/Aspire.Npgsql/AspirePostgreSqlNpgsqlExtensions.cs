using Aspire.Npgsql;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Microsoft.Extensions.Hosting;

public static class AspirePostgreSqlNpgsqlExtensions
{
    private const string Section = "Aspire:Npgsql";
    private const string HealthCheckName = "PostgreSql";

    /// <summary>
    /// A singleton <see cref="NpgsqlDataSource"/> for <c>ConnectionStrings:<paramref name="connectionName"/></c>, with its health check and telemetry.
    /// A connection string that is missing is an exception of whoever first asks for the data source, not of this call.
    /// </summary>
    public static void AddNpgsqlDataSource(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlSettings>? configureSettings = null,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var settings = ReadSettings(builder.Configuration, connectionName);
        configureSettings?.Invoke(settings);

        builder.Services.AddNpgsqlDataSource(settings.ConnectionString ?? "", dataSource =>
        {
            RequireConnectionString(settings, connectionName);
            configureDataSourceBuilder?.Invoke(dataSource);
        });

        if (!settings.DisableHealthChecks)
            AddHealthCheck(builder);

        if (!settings.DisableTracing)
            builder.Services.AddOpenTelemetry().WithTracing(traces => traces.AddNpgsql());

        if (!settings.DisableMetrics)
            builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddNpgsqlInstrumentation());
    }

    private static NpgsqlSettings ReadSettings(IConfiguration configuration, string connectionName)
    {
        var settings = new NpgsqlSettings();
        var section = configuration.GetSection(Section);
        section.Bind(settings);
        section.GetSection(connectionName).Bind(settings);
        settings.ConnectionString = configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        return settings;
    }

    private static void RequireConnectionString(NpgsqlSettings settings, string connectionName)
    {
        if (string.IsNullOrWhiteSpace(settings.ConnectionString))
        {
            throw new InvalidOperationException(
                $"ConnectionString is missing. It should be provided in 'ConnectionStrings:{connectionName}' or under the 'ConnectionString' key in '{Section}' configuration section.");
        }
    }

    private static void AddHealthCheck(IHostApplicationBuilder builder)
    {
        // Like the package: a second call for another database does not fail on the name.
        if (builder.Properties.TryAdd($"Aspire.HealthChecks.{HealthCheckName}", true))
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                HealthCheckName,
                services => new NpgsqlHealthCheck(services.GetRequiredService<NpgsqlDataSource>()),
                failureStatus: null,
                tags: null));
        }
    }
}
