using System.Collections.Concurrent;
using System.Net.Sockets;
using GameStack.Backend;
using GameStack.Backend.Queue.Redis;
using GameStack.Tests.Support;
using StackExchange.Redis;

namespace GameStack.Tests.Backend.Queue.Redis;

public sealed class RedisCallTests(RedisFixture redis)
{
    private const int Cuts = 30;
    private const int Callers = 32;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Exception> LetThrough =>
    [
        new IOException("Connection reset by peer"),
        new SocketException((int)SocketError.ConnectionReset),
        new InvalidOperationException("Writing is not allowed after writer was completed."),
        new ObjectDisposedException("PhysicalConnection"),
        new TaskCanceledException(),
    ];

    /// <summary>What the client of Redis was seen to throw when its connection was torn down.</summary>
    [Theory]
    [MemberData(nameof(LetThrough), DisableDiscoveryEnumeration = true)]
    public async Task Whatever_a_connection_throws_that_is_torn_down_is_a_fault_of_the_queue(Exception thrown)
    {
        var fault = await Assert.ThrowsAsync<DependencyUnavailableException>(() => RedisCall.RunAsync<int>(() => throw thrown, Token));

        Assert.Same(thrown, fault.InnerException);
    }

    [Fact]
    public async Task Whoever_gives_up_waiting_is_not_told_of_a_fault()
    {
        using var enough = new CancellationTokenSource();
        var call = RedisCall.RunAsync(() => new TaskCompletionSource<int>().Task, enough.Token);

        await enough.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Theory]
    [InlineData("OOM", "CONFIG", "SET", "maxmemory", "1")]
    [InlineData("NOREPLICAS", "CONFIG", "SET", "min-replicas-to-write", "1")]
    [InlineData("READONLY", "REPLICAOF", "127.0.0.1", "1")]
    public async Task What_Redis_refuses_is_a_fault_of_the_queue(string refusal, string command, params string[] arguments)
    {
        await using var server = await redis.StartNewAsync();
        await using var operators = await ConnectionMultiplexer.ConnectAsync($"{server.ConnectionString},allowAdmin=true");
        await using var connection = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        await operators.GetDatabase().ExecuteAsync(command, [.. arguments]);

        await RefusedAsync(connection, refusal);
    }

    [Fact]
    public async Task A_command_that_is_forbidden_inside_a_script_is_a_fault_of_the_queue()
    {
        await using var server = await redis.StartNewAsync();
        await using var operators = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        await operators.GetDatabase().ExecuteAsync("ACL", "SETUSER", "limited", "on", ">secret", "~*", "&*", "+@all", "-set");
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{server.ConnectionString},user=limited,password=secret");

        await RefusedAsync(connection, "script");
    }

    [Fact]
    public async Task A_Redis_that_is_busy_with_a_script_is_a_fault_of_the_queue()
    {
        await using var server = await redis.StartNewAsync();
        await using var operators = await ConnectionMultiplexer.ConnectAsync($"{server.ConnectionString},allowAdmin=true");
        await using var connection = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        await operators.GetDatabase().ExecuteAsync("CONFIG", "SET", "lua-time-limit", "1");
        await using var busy = await ConnectionMultiplexer.ConnectAsync($"{server.ConnectionString},asyncTimeout=60000");
        var endless = busy.GetDatabase().ScriptEvaluateAsync("while true do end");

        await RefusedAsync(connection, "BUSY");

        await operators.GetDatabase().ExecuteAsync("SCRIPT", "KILL");
        await Assert.ThrowsAsync<RedisServerException>(() => endless);
    }

    [Fact]
    public async Task However_often_connections_are_cut_every_call_is_answered_or_is_a_fault_of_the_queue()
    {
        await using var server = await redis.StartNewAsync();
        await using var knife = await ConnectionMultiplexer.ConnectAsync($"{server.ConnectionString},allowAdmin=true");
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{server.ConnectionString},abortConnect=false");
        using var back = new SemaphoreSlim(0);
        connection.ConnectionRestored += (_, e) =>
        {
            if (e.ConnectionType == ConnectionType.Interactive)
            {
                back.Release();
            }
        };
        using var enough = new CancellationTokenSource();
        var faults = new ConcurrentBag<Exception>();

        var callers = Enumerable.Range(0, Callers).Select(_ => CallAsync()).ToList();
        try
        {
            for (var i = 0; i < Cuts; i++)
            {
                await knife.GetDatabase().ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
                await back.WaitAsync(Token);
            }
        }
        finally
        {
            // Also when the test fails: the callers never end by themselves.
            await enough.CancelAsync();
        }

        await Task.WhenAll(callers);
        Assert.NotEmpty(faults);
        Assert.All(faults, fault => Assert.IsType<DependencyUnavailableException>(fault));

        async Task CallAsync()
        {
            while (!enough.IsCancellationRequested)
            {
                try
                {
                    await RedisCall.RunAsync(() => connection.GetDatabase().ScriptEvaluateAsync("return 1"), CancellationToken.None);
                }
                catch (Exception e)
                {
                    faults.Add(e);
                }
            }
        }
    }

    private static async Task RefusedAsync(ConnectionMultiplexer connection, string refusal)
    {
        while (true)
        {
            try
            {
                await RedisCall.RunAsync(() => connection.GetDatabase()
                    .ScriptEvaluateAsync("return redis.call('SET', KEYS[1], 1)", ["key"]), Token);
            }
            catch (Exception e)
            {
                Assert.IsType<DependencyUnavailableException>(e);
                Assert.Contains(refusal, e.Message, StringComparison.Ordinal);
                return;
            }
        }
    }
}
