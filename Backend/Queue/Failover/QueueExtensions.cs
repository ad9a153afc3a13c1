using System.Globalization;
using Aspire.StackExchange.Redis;
using GameStack.Backend.Queue.Memory;
using GameStack.Backend.Queue.Redis;
using GameStack.Backend.Records;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace GameStack.Backend.Queue.Failover;

internal static class QueueExtensions
{
    /// <summary>
    /// Adds the queue. Uses the Redis of <c>ConnectionStrings:redis</c>, otherwise that of <c>REDIS_HOST</c> and <c>REDIS_PORT</c>. Without
    /// either, this backend matches players from a queue in its own memory.
    /// </summary>
    public static IHostApplicationBuilder AddQueue(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        AddOptions(builder);

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<PlayerWaiters>();
        services.AddSingleton<QueueSignals>();
        services.AddSingleton<MemoryOutbox>();
        services.AddSingleton<InMemoryMatchQueue>();
        services.AddSingleton<CurrentRules>();
        services.AddSingleton<PlayerSigns>();
        services.AddSingleton<Lobby>();
        services.AddHostedService<SignKeeper>();

        var redis = AddRedisConnection(builder);
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<MemoryState>(provider, !redis));
        if (redis)
        {
            services.AddSingleton<RedisState>();
            services.AddSingleton<RedisScriptRunner>();
            services.AddSingleton<RedisHeartbeat>();
            services.AddSingleton<RedisMatchQueue>();
            services.AddSingleton<RedisOutbox>();
            services.AddSingleton<RedisReturn>();
            services.AddSingleton<MemoryHandover>();
            services.AddSingleton<QueueLedger>();
            services.AddSingleton<RememberedMatches>();
            services.AddSingleton<QueueReturn>();
            services.AddSingleton<IMatchQueue, FailoverMatchQueue>();
            services.AddSingleton<IMatchOutbox, FailoverOutbox>();
            services.AddHostedService<RedisChangeListener>();
            services.AddSingleton<RedisEvictionCheck>();
            services.AddHostedService(provider => provider.GetRequiredService<RedisEvictionCheck>());
            services.AddHealthChecks()
                .AddCheck<RedisHealthCheck>("redis", HealthStatus.Degraded)
                .AddCheck<RedisEvictionCheck>("redis_eviction", HealthStatus.Degraded);
        }
        else
        {
            services.AddSingleton<IMatchQueue>(provider => provider.GetRequiredService<InMemoryMatchQueue>());
            services.AddSingleton<IMatchOutbox>(provider => provider.GetRequiredService<MemoryOutbox>());
        }

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
            .Validate(
                options => options.SilentSeconds > options.FlushWaitSeconds,
                "Matchmaking:SilentSeconds must be more than FLUSH_WAIT_SECONDS: else nobody waits long enough for a partial match.")
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

        var reconnect = new RedisReconnect(TimeProvider.System);
        builder.Services.AddSingleton(reconnect);
        builder.AddRedisClient("redis", WithOwnHealthCheck, Configure);
        return true;

        static void WithOwnHealthCheck(StackExchangeRedisSettings settings) => settings.DisableHealthChecks = true;

        void Configure(ConfigurationOptions redis)
        {
            redis.BeforeSocketConnect = reconnect.Track;
            redis.AbortOnConnectFail = false; // A backend starts and serves without Redis.
            redis.BacklogPolicy = BacklogPolicy.FailFast; // While Redis is unavailable, memory serves; no call may wait for Redis.
            redis.AsyncTimeout = 2_000;
            redis.ReconnectRetryPolicy = new LinearRetry(500);
        }
    }
}
