using System.Globalization;
using Aspire.StackExchange.Redis;
using GameStack.Backend.Faults;
using GameStack.Backend.Matches;
using GameStack.Backend.Matchmaking.Memory;
using GameStack.Backend.Matchmaking.Redis;
using GameStack.ServiceDefaults.Shutdown;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace GameStack.Backend.Matchmaking;

public static class MatchmakingExtensions
{
    /// <summary>
    /// Adds the queue and what keeps it moving. Redis is where <c>ConnectionStrings:redis</c> says, else <c>REDIS_HOST</c> and <c>REDIS_PORT</c>;
    /// with neither, this backend matches in its own memory.
    /// </summary>
    public static IHostApplicationBuilder AddMatchmaking(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        AddOptions(builder);
        builder.AddFaultPoints();

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(BackendIdentity.Create(builder.Configuration["HOSTNAME"]));
        services.AddSingleton<PlayerWaiters>();
        services.AddSingleton<QueueSignals>();
        services.AddSingleton<InMemoryMatchQueue>();
        services.AddSingleton<MatchmakingInstruments>();
        services.AddSingleton<IMatchOutbox>(provider => provider.GetRequiredService<IMatchQueue>());

        if (AddRedisConnection(builder))
        {
            services.AddSingleton<RedisMatchQueue>();
            services.AddSingleton<QueueLedger>();
            services.AddSingleton<QueueReturn>();
            services.AddSingleton<IMatchQueue, FailoverMatchQueue>();
            services.AddHostedService<RedisChangeListener>();
            services.AddHealthChecks().AddCheck<RedisHealthCheck>("redis", HealthStatus.Degraded);
        }
        else
        {
            services.AddSingleton<IMatchQueue>(provider => provider.GetRequiredService<InMemoryMatchQueue>());
        }

        services.AddSingleton<MatchAssigner>();
        services.AddSingleton<MatchEnder>();
        services.AddSingleton<Reconciler>();
        services.AddSingleton<IDrainTask, MatchDrain>();
        services.AddHostedService<LeaseKeeper>();
        services.AddHostedService<Matchmaker>();
        services.AddHostedService(provider => provider.GetRequiredService<MatchEnder>());
        services.AddHostedService(provider => provider.GetRequiredService<Reconciler>());
        return builder;
    }

    private static void AddOptions(IHostApplicationBuilder builder) =>
        builder.Services.AddOptions<MatchmakingOptions>()
            .BindConfiguration(MatchmakingOptions.Section)
            .Configure<IConfiguration>((options, configuration) =>
            {
                options.SessionSize = configuration.GetValue("SESSION_SIZE", options.SessionSize);
                options.MinPartialSessionSize = configuration.GetValue("MIN_PARTIAL_SESSION_SIZE", options.MinPartialSessionSize);
                options.FlushWaitSeconds = configuration.GetValue("FLUSH_WAIT_SECONDS", options.FlushWaitSeconds);
            })
            .ValidateDataAnnotations()
            .ValidateOnStart();

    private static bool AddRedisConnection(IHostApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        if (string.IsNullOrWhiteSpace(configuration.GetConnectionString("redis")))
        {
            if (string.IsNullOrWhiteSpace(configuration["REDIS_HOST"]))
            {
                return false;
            }

            var port = configuration.GetValue("REDIS_PORT", 6379);
            configuration["ConnectionStrings:redis"] = string.Create(CultureInfo.InvariantCulture, $"{configuration["REDIS_HOST"]}:{port}");
        }

        builder.AddRedisClient("redis", WithOwnHealthCheck, Configure);
        return true;

        static void WithOwnHealthCheck(StackExchangeRedisSettings settings) => settings.DisableHealthChecks = true;

        static void Configure(ConfigurationOptions redis)
        {
            redis.AbortOnConnectFail = false; // A backend starts, and serves, without Redis.
            redis.BacklogPolicy = BacklogPolicy.FailFast; // While Redis is away the memory serves; nothing may wait for it.
            redis.AsyncTimeout = 2_000;
            redis.ReconnectRetryPolicy = new LinearRetry(500);
        }
    }
}
