using System.Text.RegularExpressions;
using GameStack.Backend.Queue;
using GameStack.Backend.Queue.Failover;
using GameStack.Tests.Support;
using StackExchange.Redis;

namespace GameStack.Tests.Backend.Queue.Redis;

/// <summary>With the rules that the manifests give the backends' user, the queue keeps its promises, and Redis refuses nothing.</summary>
public sealed partial class RedisUserTests(RedisFixture redis, PostgresFixture postgres) : MatchQueueTests, IAsyncLifetime
{
    /// <summary>What the client sends by itself, and the commands that the backend does not send from a script file.</summary>
    private static readonly string[] ClientsCommands =
    [
        "client|id", "client|setname", "cluster|nodes", "cluster|slots", "echo", "eval", "evalsha", "info", "ping", "script|load",
        "select", "subscribe", "unsubscribe", "xdel",
    ];

    private readonly List<RedisQueues> _started = [];
    private LimitedRedisUser _user = null!;
    private RedisQueues? _administrator;

    public async ValueTask InitializeAsync() => _user = await LimitedRedisUser.CreateAsync(redis);

    public async ValueTask DisposeAsync()
    {
        foreach (var queues in _started)
        {
            await queues.DisposeAsync();
        }

        var refusals = await _user.FindRefusalsAsync();
        await _user.DisposeAsync();
        Assert.Empty(refusals);
    }

    [Fact]
    public void The_rules_allow_the_commands_of_the_scripts_and_of_the_client_and_no_other()
    {
        var scripts = Directory.EnumerateFiles(Path.Combine(Repository.Root, "Backend", "Queue", "Redis"), "*.lua")
            .SelectMany(file => Call().Matches(File.ReadAllText(file)))
            .Select(call => call.Groups["command"].Value.ToLowerInvariant());

        Assert.Equal(
            scripts.Concat(ClientsCommands).Distinct(StringComparer.Ordinal).Select(command => $"+{command}").Order(StringComparer.Ordinal),
            LimitedRedisUser.Rules.Where(rule => rule.StartsWith('+')).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["~{q:*", "resetchannels", "&{q:*", "-@all"], LimitedRedisUser.Rules.Where(rule => !rule.StartsWith('+')));
    }

    [Theory]
    [InlineData("GET", "other")]
    [InlineData("CONFIG", "GET", "*")]
    [InlineData("PUBLISH", "other", "text")]
    [InlineData("FLUSHALL")]
    [InlineData("KEYS", "*")]
    public async Task The_rules_allow_nothing_else(string command, params string[] arguments)
    {
        await using var other = await LimitedRedisUser.CreateAsync(redis);
        var options = ConfigurationOptions.Parse(other.ConnectionString);
        QueueExtensions.UseFewCommands(options);
        (options.CommandMap, options.AllowAdmin) = (CommandMap.Default, true);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);

        var refusal = await Assert.ThrowsAsync<RedisServerException>(
            () => connection.GetDatabase().ExecuteAsync(command, (object[])arguments));

        Assert.StartsWith("NOPERM", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whole_backends_need_no_more_to_connect_and_match_and_reconnect_and_stop()
    {
        await using var stores = new BackendStores(_user.ConnectionString, await postgres.CreateDatabaseAsync());
        await using var left = await stores.StartBackendAsync("left", new StackSettings { SessionSize = 2 });
        await using var right = await stores.StartBackendAsync("right", new StackSettings { SessionSize = 2 });
        await PlayAsync("p1", "p2");

        var (leftBefore, rightBefore) = (CountOutages(left), CountOutages(right));
        await _user.CutAsync();
        await RecoverAsync(left, leftBefore);
        await RecoverAsync(right, rightBefore);

        // The connection for what is published may come back last, and put the backend off once more.
        await PlayAsync("p3", "p4");
        await ContractClient.OkAsync(() => left.Client.JoinAsync("p5", Token));
        await ContractClient.OkAsync(() => right.Client.LeaveAsync("p5", Token));
        await left.StopAsync();
        await right.StopAsync();

        static int CountOutages(BackendProcess backend) =>
            backend.Program.Lines.Count(line => line.Contains("Redis is not usable", StringComparison.Ordinal));

        static async Task RecoverAsync(BackendProcess backend, int before)
        {
            await Eventually.IsAsync("an outage", _ => Task.FromResult(CountOutages(backend) > before), Waits.Patient);
            await backend.Program.WaitUntilHealthyAsync(backend.Client, Waits.Patient);
        }

        async Task PlayAsync(string first, string second)
        {
            await ContractClient.OkAsync(() => left.Client.JoinAsync(first, Token));
            await ContractClient.OkAsync(() => right.Client.JoinAsync(second, Token));
            var seat = await left.Client.WaitUntilMatchedAsync(first, Token);
            await ContractClient.OkAsync(() => right.Client.EndAsync(seat.SessionId, Token));
            await left.Client.WaitUntilEndedAsync(second, Token);
        }
    }

    [Fact]
    public async Task The_rules_let_a_queue_use_another_database()
    {
        var options = ConfigurationOptions.Parse(_user.ConnectionString);
        QueueExtensions.UseFewCommands(options);
        options.DefaultDatabase = 1;
        var rules = TestRules.Of(size: 2);
        var queues = await RedisQueues.StartAsync(options, rules);
        _started.Add(queues);

        await queues.Queue.JoinAsync("p1", "", Token);

        await using var connection = await ConnectionMultiplexer.ConnectAsync((await redis.GetAsync()).ConnectionString);
        RedisKey state = $"{{q:{rules.Value.Queue}}}:state";
        Assert.True(await connection.GetDatabase(1).KeyExistsAsync(state));
        Assert.False(await connection.GetDatabase(0).KeyExistsAsync(state));
    }

    internal override async Task<IMatchQueue> CreateAsync(int size, int min = 2, double flush = 3_600)
    {
        var options = ConfigurationOptions.Parse(_user.ConnectionString);
        QueueExtensions.UseFewCommands(options);
        var rules = TestRules.Of(size, min, flush);
        var queues = await RedisQueues.StartAsync(options, rules);
        _started.Add(queues);
        _started.Add(_administrator = await RedisQueues.StartAsync(redis, rules, backends: 0));
        Outbox = queues.Outboxes[0];
        return queues.Queue;
    }

    internal override Task HoldPauseAsync() => _administrator!.KeepAsync(":pause", TimeSpan.FromMinutes(10));

    internal override async Task<MatchClaim> AdvanceAfterPauseAsync(IMatchQueue queue)
    {
        await _administrator!.DeleteAsync(":pause");
        return Assert.Single((await queue.AdvanceAsync(Token)).Claims);
    }

    [GeneratedRegex(@"redis\.call\('(?<command>[A-Z]+)'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Call();
}
