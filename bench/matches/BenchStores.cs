using GameStack.Tests.Support;
using StackExchange.Redis;

namespace GameStack.Bench.Matches;

/// <summary>Redis and Postgres, for all parts of a run.</summary>
internal sealed class BenchStores : IAsyncDisposable
{
    private readonly RedisFixture _redis = new();
    private readonly PostgresFixture _postgres = new();

    /// <summary>An empty queue and an empty database.</summary>
    public async Task<StoresOfRun> EmptyAsync() => new(
        (await _redis.GetAsync()).ConnectionString, await _postgres.CreateDatabaseAsync(), Guid.NewGuid().ToString("N"));

    /// <summary>As above, with a queue where every player waits: no match may be formed.</summary>
    public async Task<StoresOfRun> PausedAsync()
    {
        var stores = await EmptyAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync(stores.Redis);
        await redis.GetDatabase().StringSetAsync($"{{q:{stores.Queue}}}:pause", 1, TimeSpan.FromHours(10));
        return stores;
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _postgres.DisposeAsync();
    }
}
