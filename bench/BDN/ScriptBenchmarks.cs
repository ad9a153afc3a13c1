using BenchmarkDotNet.Attributes;
using GameStack.Tests.Backend.Queue;
using GameStack.Tests.Support;

namespace GameStack.Bench.Benchmarks;

/// <summary>Round trips to a Redis on this machine, each with the script of the operation.</summary>
public class ScriptBenchmarks : IAsyncDisposable
{
    private readonly RedisFixture _redis = new();
    private RedisQueues _queues = null!;

    [GlobalSetup]
    public async Task StartAsync()
    {
        _queues = await RedisQueues.StartAsync(_redis, TestRules.Of(size: 2));
        await JoinAsync();
    }

    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        await _queues.DisposeAsync();
        await _redis.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A player who is in the queue keeps the place there.</summary>
    [Benchmark]
    public Task JoinAsync() => _queues.Queue.JoinAsync("p1", "", CancellationToken.None);

    [Benchmark]
    public Task FindAsync() => _queues.Queue.FindAsync("p1", CancellationToken.None);

    [Benchmark]
    public Task SignOfLifeAsync() => _queues.Queue.HearAsync(["p1"], CancellationToken.None);

    [Benchmark]
    public Task HeartbeatAsync() => _queues.Queue.RenewAsync([], CancellationToken.None);
}
