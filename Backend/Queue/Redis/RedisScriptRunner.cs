using Microsoft.Extensions.Options;
using StackExchange.Redis;
using static GameStack.Backend.Queue.Redis.RedisFields;

namespace GameStack.Backend.Queue.Redis;

/// <summary>
/// Runs scripts on the keys of this backend's queue, and tells <see cref="RedisState"/> whether those that write come through, and whether
/// Redis refuses any call.
/// </summary>
internal sealed class RedisScriptRunner(
    IConnectionMultiplexer redis, RedisState state, RedisReconnect reconnect, BackendIdentity identity,
    IOptions<MatchmakingOptions> options, TimeProvider time)
{
    /// <summary>The client gives up a call after two seconds, and looks for such calls once a second.</summary>
    private static readonly long Patience = Microseconds(TimeSpan.FromSeconds(3));

    private readonly RedisKey[] _keys = [Prefix(options.Value.Queue)];
    private readonly string _channel = ChangesOf(redis, options.Value.Queue).ToString();
    private long _begun;
    private long _writes;

    /// <summary>The epoch of the data that this backend knows; empty until it first reaches Redis.</summary>
    public string Epoch { get; set; } = "";

    public RedisClock Clock { get; } = new(time);

    /// <summary>How many writing scripts this backend has sent.</summary>
    public long WritesBegun => Interlocked.Read(ref _begun);

    /// <summary>How many of them have come through.</summary>
    public long Writes => Interlocked.Read(ref _writes);

    /// <summary>The channel on which every backend receives changes. All databases of a server share its channels.</summary>
    public static RedisChannel ChangesOf(IConnectionMultiplexer redis, string queue)
    {
        ArgumentNullException.ThrowIfNull(redis);
        var database = redis.GetDatabase().Database;
        return RedisChannel.Literal($"{Prefix(queue)}:changes{(database == 0 ? "" : $":{database}")}");
    }

    /// <exception cref="DependencyUnavailableException">
    /// Redis did not answer, refused the call, or has other data than this backend knows.
    /// </exception>
    public Task<RedisResult> ReadAsync(string script, CancellationToken cancellationToken, params RedisValue[] arguments) =>
        ReportRefusalAsync(RunAsync(script, Epoch, arguments, cancellationToken));

    /// <summary>Runs a script that reads nothing of the queue. Its failure is one of Redis, as that of a writing script is.</summary>
    /// <exception cref="DependencyUnavailableException">Redis did not answer, or refused the call.</exception>
    public async Task<RedisResult> ProbeAsync(string script, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(script, "", [], cancellationToken);
        }
        catch (DependencyUnavailableException e)
        {
            Report(e);
            throw;
        }
    }

    /// <summary>Runs a writing script under the known epoch.</summary>
    /// <exception cref="DependencyUnavailableException">As above. Whether the script took effect is unknown.</exception>
    public Task<RedisResult> WriteAsync(string script, CancellationToken cancellationToken, params RedisValue[] arguments) =>
        WriteAsync(script, Epoch, arguments, cancellationToken);

    /// <summary>Runs a writing script whatever data Redis has.</summary>
    /// <exception cref="DependencyUnavailableException">As above.</exception>
    public Task<RedisResult> WriteUnderAnyEpochAsync(string script, CancellationToken cancellationToken, params RedisValue[] arguments) =>
        WriteAsync(script, "", arguments, cancellationToken);

    /// <summary>Runs a command, given the prefix of the queue's keys.</summary>
    /// <exception cref="DependencyUnavailableException">Redis did not answer, or refused the call.</exception>
    public Task<T> CallAsync<T>(Func<IDatabase, RedisKey, Task<T>> command, CancellationToken cancellationToken) =>
        ReportRefusalAsync(RedisCall.RunAsync(() => command(redis.GetDatabase(), _keys[0]), cancellationToken));

    private static string Prefix(string queue) => $"{{q:{queue}}}";

    private async Task<RedisResult> WriteAsync(string script, string epoch, RedisValue[] arguments, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _begun);
        try
        {
            var result = await RunAsync(script, epoch, arguments, cancellationToken);
            Interlocked.Increment(ref _writes);
            state.Worked();
            return result;
        }
        catch (DependencyUnavailableException e)
        {
            Report(e);
            throw;
        }
    }

    private async Task<T> ReportRefusalAsync<T>(Task<T> call)
    {
        try
        {
            return await call;
        }
        catch (DependencyUnavailableException e) when (RedisCall.FindRefusal(e.Message) is not null)
        {
            Report(e);
            throw;
        }
    }

    private void Report(DependencyUnavailableException fault)
    {
        var error = fault.InnerException?.Message ?? fault.Message;
        if (RedisCall.FindRefusal(error) == RedisCall.NoPermission)
        {
            state.Refused(fault.Message); // RedisRights finds out which right is missing, and says so.
            return;
        }

        state.Failed(fault.Message, RedisCall.HasCode(error, RedisCall.OutOfMemory));
        state.Access.Failed(error);
        reconnect.Failed(error);
    }

    private async Task<RedisResult> RunAsync(
        string script, string epoch, RedisValue[] arguments, CancellationToken cancellationToken)
    {
        try
        {
            return await CallAsync();
        }
        catch (DependencyUnavailableException e) when (RedisCall.FindTime(e.InnerException?.Message) is { } now)
        {
            // This call is not late: the clock of Redis was changed, or another server, with its own clock, is the primary now. If the
            // second one is late all the same, Redis is too slow.
            Clock.Set(time.GetTimestamp(), now);
            return await CallAsync();
        }

        Task<RedisResult> CallAsync()
        {
            RedisValue sent = Clock.At(time.GetTimestamp()) is { } at ? at : "";
            return RedisCall.RunAsync(
                () => redis.GetDatabase().ScriptEvaluateAsync(
                    script, _keys, [epoch, identity.Owner, _channel, sent, Patience, .. arguments]),
                cancellationToken);
        }
    }
}
