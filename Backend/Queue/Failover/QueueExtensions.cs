using System.Globalization;
using GameStack.Backend.Queue.Memory;
using GameStack.Backend.Queue.Redis;
using GameStack.Backend.Records;
using GameStack.Contracts.Settings;
using GameStack.ServiceDefaults.Settings;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace GameStack.Backend.Queue.Failover;

internal static class QueueExtensions
{
    /// <summary>
    /// Adds the queue, and the <see cref="BackendIdentity"/>. Uses the Redis that the settings name (<see cref="RedisConnection"/>).
    /// Without one, this backend matches players from a queue in its own memory.
    /// </summary>
    /// <exception cref="SettingException">A setting is wrong.</exception>
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
            var credentials = RedisConnection.NameCredentials(builder.Configuration);
            services.AddSingleton(provider => ActivatorUtilities.CreateInstance<RedisAccess>(provider, credentials));
            services.AddSingleton<RedisState>();
            services.AddSingleton<RedisScriptRunner>();
            services.AddSingleton<RedisHeartbeat>();
            services.AddSingleton<RedisMatchQueue>();
            services.AddSingleton<RedisOutbox>();
            services.AddSingleton<RedisRights>();
            services.AddSingleton<RedisReturn>();
            services.AddSingleton<MemoryHandover>();
            services.AddSingleton<QueueLedger>();
            services.AddSingleton<RememberedMatches>();
            services.AddSingleton<LostMatches>();
            services.AddSingleton<QueueReturn>();
            services.AddSingleton<FailoverEnd>();
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

    private static void AddOptions(IHostApplicationBuilder builder)
    {
        var options = builder.AddSettings<MatchmakingOptions>(MatchmakingOptions.Section);
        if (options.SilentSeconds <= options.FlushWaitSeconds)
        {
            var silent = options.SilentSeconds.ToString(CultureInfo.InvariantCulture);
            throw SettingException.For(
                $"{MatchmakingOptions.Section}:{nameof(options.SilentSeconds)}", silent,
                "more than FLUSH_WAIT_SECONDS, since nobody would wait long enough for a partial match");
        }

        builder.Services.AddSingleton(BackendIdentity.Create(builder.Configuration.FindSetting("HOSTNAME"), options.Queue));
    }

    /// <summary>
    /// Keeps the client to the keys, the channel and the commands that a user of few rights has (GAMESTACK_RULES in deploy/base/redis).
    /// </summary>
    internal static void UseFewCommands(ConfigurationOptions redis)
    {
        ArgumentNullException.ThrowIfNull(redis);

        // Both are for several servers of equal rank, which share no keys of ours.
        redis.TieBreaker = "";
        redis.ConfigurationChannel = "";

        // Redis before 7.2 does not know CLIENT SETINFO, and so refuses rules that name it.
        redis.SetClientLibrary = false;

        // CONFIG GET also tells the passwords. INFO and HELLO tell the client all that it needs.
        redis.CommandMap = CommandMap.Create(["CONFIG"], available: false);
    }

    private static bool AddRedisConnection(IHostApplicationBuilder builder)
    {
        if (RedisConnection.Read(builder.Configuration) is not { } settings)
        {
            return false;
        }

        // A connection string cannot hold every user and password, nor every address: they are set below.
        var connection = settings.Clone();
        (connection.User, connection.Password) = (null, null);
        var reconnect = new RedisReconnect(TimeProvider.System);
        builder.Services.AddSingleton(reconnect);
        var check = settings.Clone();
        UseFewCommands(check);
        (check.AbortOnConnectFail, check.ConnectRetry, check.ConnectTimeout) = (true, 1, 2_000);
        builder.Services.AddHostedService(provider => ActivatorUtilities.CreateInstance<RedisAccessCheck>(provider, check));
        builder.AddRedisClient(
            RedisConnection.Name,
            aspire =>
            {
                aspire.ConnectionString = connection.ToString();
                aspire.DisableHealthChecks = true; // The backend has a check of its own.
            },
            Configure);
        return true;

        void Configure(ConfigurationOptions redis)
        {
            redis.EndPoints.Clear();
            foreach (var endPoint in settings.EndPoints)
            {
                redis.EndPoints.Add(endPoint);
            }

            (redis.User, redis.Password) = (settings.User, settings.Password);
            UseFewCommands(redis);
            redis.BeforeSocketConnect = reconnect.Track;
            redis.AbortOnConnectFail = false; // A backend starts and serves without Redis.
            redis.BacklogPolicy = BacklogPolicy.FailFast; // While Redis is unavailable, memory serves; no call may wait for Redis.
            redis.AsyncTimeout = 2_000;
            redis.ReconnectRetryPolicy = new LinearRetry(500);
        }
    }
}
