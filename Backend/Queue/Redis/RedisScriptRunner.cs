using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace GameStack.Backend.Queue.Redis;

/// <summary>Runs scripts and commands on the keys of this backend's queue.</summary>
internal sealed class RedisScriptRunner(IConnectionMultiplexer redis, IOptions<MatchmakingOptions> options)
{
    private readonly RedisKey[] _keys = [Prefix(options.Value.Queue)];

    /// <summary>The channel on which every backend receives changes.</summary>
    public static RedisChannel ChangesOf(string queue) => RedisChannel.Literal(Prefix(queue) + ":changes");

    /// <exception cref="DependencyUnavailableException">Redis did not answer, or refused the call.</exception>
    public Task<RedisResult> RunAsync(string script, CancellationToken cancellationToken, params RedisValue[] arguments) =>
        RedisCall.RunAsync(() => redis.GetDatabase().ScriptEvaluateAsync(script, _keys, arguments), cancellationToken);

    /// <summary>Runs a command, given the prefix of the queue's keys.</summary>
    /// <exception cref="DependencyUnavailableException">Redis did not answer, or refused the call.</exception>
    public Task<T> CallAsync<T>(Func<IDatabase, RedisKey, Task<T>> command, CancellationToken cancellationToken) =>
        RedisCall.RunAsync(() => command(redis.GetDatabase(), _keys[0]), cancellationToken);

    private static string Prefix(string queue) => $"{{q:{queue}}}";
}
