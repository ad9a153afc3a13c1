using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

public static class AspireRedisExtensions
{
    private const string Section = "Aspire:StackExchange:Redis";
    private const string HealthCheckName = "StackExchange.Redis";

    /// <summary>
    /// A singleton <see cref="IConnectionMultiplexer"/> for <c>ConnectionStrings:<paramref name="connectionName"/></c>, with its health check.
    /// It keeps trying where Redis is away (<c>abortConnect</c> is false unless the connection string says otherwise). A connection string
    /// that is missing is an exception of whoever first asks for the connection, not of this call.
    /// </summary>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var settings = ReadSettings(builder.Configuration, connectionName);
        configureSettings?.Invoke(settings);

        builder.Services.AddSingleton<IConnectionMultiplexer>(services =>
        {
            var options = ReadOptions(settings, connectionName);
            configureOptions?.Invoke(options);
            options.LoggerFactory ??= services.GetService<ILoggerFactory>();
            return ConnectionMultiplexer.Connect(options);
        });

        if (!settings.DisableAutoActivation)
            builder.Services.AddHostedService<RedisConnectionStarter>();

        if (!settings.DisableHealthChecks)
            AddHealthCheck(builder);
    }

    private static StackExchangeRedisSettings ReadSettings(IConfiguration configuration, string connectionName)
    {
        var settings = new StackExchangeRedisSettings();
        var section = configuration.GetSection(Section);
        section.Bind(settings);
        section.GetSection(connectionName).Bind(settings);
        settings.ConnectionString = configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        return settings;
    }

    private static ConfigurationOptions ReadOptions(StackExchangeRedisSettings settings, string connectionName)
    {
        if (string.IsNullOrWhiteSpace(settings.ConnectionString))
        {
            throw new InvalidOperationException(
                $"No endpoints specified. Ensure a valid connection string was provided in 'ConnectionStrings:{connectionName}' or for the '{Section}:ConnectionString' configuration key.");
        }

        var options = ConfigurationOptions.Parse(settings.ConnectionString);
        if (options.Defaults.GetType() == typeof(global::StackExchange.Redis.Configuration.DefaultOptionsProvider))
            options.Defaults = new PatientDefaults();
        return options;
    }

    private static void AddHealthCheck(IHostApplicationBuilder builder)
    {
        // Like the package: a second call for another connection does not fail on the name.
        if (builder.Properties.TryAdd($"Aspire.HealthChecks.{HealthCheckName}", true))
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                HealthCheckName,
                services => new RedisHealthCheck(services.GetRequiredService<IConnectionMultiplexer>()),
                failureStatus: null,
                tags: null));
        }
    }
}
