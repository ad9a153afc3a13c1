using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios.Reliability;

/// <summary>A Redis that answers all the time and takes writes only at times.</summary>
internal sealed class RefusingRedis : IAsyncDisposable
{
    private readonly OwnRedis _redis;
    private readonly RedisRefusal _refusal;

    private RefusingRedis(OwnRedis redis, RedisRefusal refusal, string connectionString)
    {
        _redis = redis;
        _refusal = refusal;
        ConnectionString = connectionString;
    }

    /// <summary>Of a user whom <see cref="RefuseAsync"/> may forbid to write.</summary>
    public string ConnectionString { get; }

    /// <summary>Part of the error that a writing script gets. That of a forbidden command depends on the version of Redis.</summary>
    public string Error => _refusal switch
    {
        RedisRefusal.ReadOnly => "READONLY",
        RedisRefusal.Full => "OOM",
        RedisRefusal.ScriptsForbidden => "NOPERM",
        _ => "script",
    };

    public static async Task<RefusingRedis> StartAsync(RedisFixture fixture, RedisRefusal refusal)
    {
        var redis = await OwnRedis.StartAsync(fixture);
        return new RefusingRedis(redis, refusal, await redis.LimitUserAsync("+@all"));
    }

    public Task RefuseAsync() => _refusal switch
    {
        RedisRefusal.ReadOnly => _redis.RefuseWritesAsync(),
        RedisRefusal.Full => _redis.LimitMemoryAsync(1),
        RedisRefusal.ScriptsForbidden => _redis.LimitUserAsync("-eval", "-evalsha"),
        RedisRefusal.PublishForbidden => _redis.LimitUserAsync("-publish"),
        _ => _redis.LimitUserAsync("-set"),
    };

    public Task MendAsync() => _refusal switch
    {
        RedisRefusal.ReadOnly => _redis.PromoteAsync(),
        RedisRefusal.Full => _redis.LimitMemoryAsync(0),
        _ => _redis.LimitUserAsync("+@all"),
    };

    public async Task<bool> HasMatchAsync(BackendStores stores, string sessionId) =>
        await _redis.AskAsync("EXISTS", $"{{q:{stores.Queue}}}:match:{sessionId}") == "1";

    public ValueTask DisposeAsync() => _redis.DisposeAsync();
}
