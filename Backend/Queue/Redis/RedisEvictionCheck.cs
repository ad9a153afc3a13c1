using System.Globalization;
using GameStack.Backend.Background;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.Backend.Queue.Redis;

/// <summary>
/// Warns while Redis may evict the queue's keys: that loses waiting players and live matches. The <c>volatile</c> policies count too, since
/// players and matches have times to live. A Redis that does not tell its policy is not warned about.
/// </summary>
internal sealed partial class RedisEvictionCheck(RedisScriptRunner scripts, TimeProvider time, ILogger<RedisEvictionCheck> logger)
    : RepeatingService("read the eviction policy of Redis", time, logger, TimeSpan.FromSeconds(10)), IHealthCheck
{
    /// <summary>
    /// A script, because the client counts INFO among an administrator's commands and refuses it. The queue does not need it, so a user who
    /// may not run it is no fault.
    /// </summary>
    private const string ReadMemory =
        "local info = redis.pcall('INFO', 'memory'); return type(info) == 'string' and info or false";

    private volatile string? _policy;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_policy is { } policy
            ? new HealthCheckResult(context.Registration.FailureStatus, $"Redis evicts keys when its memory is full ({policy}).")
            : HealthCheckResult.Healthy());

    /// <summary>Returns the policy that can evict the queue's keys, or null if none can. CONFIG is often forbidden; INFO seldom.</summary>
    /// <param name="info">What <c>INFO memory</c> returns: lines such as <c>maxmemory:0</c> and <c>maxmemory_policy:noeviction</c>.</param>
    internal static string? FindEvicting(string info)
    {
        var fields = info.Split('\n', StringSplitOptions.TrimEntries).Select(line => line.Split(':')).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        return fields.TryGetValue("maxmemory", out var limit) && fields.TryGetValue("maxmemory_policy", out var policy)
            && long.Parse(limit, CultureInfo.InvariantCulture) > 0 && policy != "noeviction"
            ? policy
            : null;
    }

    protected override async Task RunRoundAsync(CancellationToken stoppingToken)
    {
        string? policy;
        try
        {
            var answer = await scripts.CallAsync((redis, key) => redis.ScriptEvaluateAsync(ReadMemory, [key]), stoppingToken);
            if ((string?)answer is not { } info)
            {
                return; // The user may not ask.
            }

            policy = FindEvicting(info);
        }
        catch (DependencyUnavailableException)
        {
            return;
        }

        if (policy == _policy)
        {
            return;
        }

        _policy = policy;
        if (policy is null)
        {
            Log.KeepsKeys(Logger);
        }
        else
        {
            Log.EvictsKeys(Logger, policy);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.EvictsKeys, LogLevel.Warning,
            "Redis evicts keys when its memory is full (maxmemory-policy {Policy}), which can lose players and matches: set noeviction")]
        public static partial void EvictsKeys(ILogger logger, string policy);

        [LoggerMessage(EventIds.KeepsKeys, LogLevel.Information, "Redis no longer evicts keys")]
        public static partial void KeepsKeys(ILogger logger);
    }
}
