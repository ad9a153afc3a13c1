using GameStack.Backend.Queue.Redis;
using GameStack.Tests.Support;

namespace GameStack.Tests.Backend.Queue.Redis;

public sealed class RedisEvictionCheckTests(RedisFixture redisFixture, PostgresFixture postgres)
{
    [Theory]
    [InlineData("maxmemory:100\r\nmaxmemory_policy:allkeys-lru\r\n", "allkeys-lru")]
    [InlineData("# Memory\r\nused_memory:1\r\nmaxmemory:100\r\nmaxmemory_policy:volatile-ttl\r\n", "volatile-ttl")]
    [InlineData("maxmemory:100\r\nmaxmemory_policy:noeviction\r\n", null)]
    [InlineData("maxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n", null)]
    [InlineData("used_memory:1\r\n", null)]
    [InlineData("", null)]
    public void A_policy_evicts_keys_only_if_there_is_a_limit(string info, string? policy) =>
        Assert.Equal(policy, RedisEvictionCheck.FindEvicting(info));

    [Fact]
    public async Task A_backend_warns_at_its_start_of_a_Redis_that_evicts_keys_and_reports_it_as_degraded()
    {
        await using var redis = await OwnRedis.StartAsync(redisFixture);
        await redis.LimitMemoryAsync(100_000_000, "volatile-lru");
        await using var stores = new BackendStores(redis.ConnectionString, await postgres.CreateDatabaseAsync());
        await using var backend = await BackendProcess.StartAsync("backend", stores, new StackSettings { SessionSize = 2 });

        await backend.WaitForLineAsync("maxmemory-policy volatile-lru");
        var health = await Eventually.GetAsync(
            "degraded", token => backend.Client.GetAsync("health", token), answer => answer.Text("status") == "degraded", Waits.Patient);
        Assert.Equal("degraded", health.Field("checks").GetProperty("redis_eviction").GetString());

        await redis.LimitMemoryAsync(100_000_000, "noeviction");
        await backend.WaitForLineAsync("Redis no longer evicts keys");
        await backend.Program.WaitUntilHealthyAsync(backend.Client, Waits.Patient);
    }
}
