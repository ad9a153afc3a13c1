using GameStack.Backend;
using GameStack.Backend.Life;
using GameStack.Backend.Queue;
using GameStack.Backend.Queue.Redis;
using GameStack.Backend.Records;
using GameStack.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace GameStack.Tests.Backend.Queue;

/// <summary>One queue in the real Redis, seen by several backends.</summary>
internal sealed class RedisQueues : IAsyncDisposable
{
    private readonly IConnectionMultiplexer _connection;
    private readonly IOptions<MatchmakingOptions> _options;

    private RedisQueues(IConnectionMultiplexer connection, IOptions<MatchmakingOptions> options)
    {
        _connection = connection;
        _options = options;
    }

    public IReadOnlyList<RedisMatchQueue> Backends { get; private set; } = [];

    /// <summary>The outbox as each of <see cref="Backends"/> reads it.</summary>
    public IReadOnlyList<RedisOutbox> Outboxes { get; private set; } = [];

    /// <summary>The return of each of <see cref="Backends"/>.</summary>
    public IReadOnlyList<RedisReturn> Returns { get; private set; } = [];

    public RedisMatchQueue Queue => Backends[0];

    private IDatabase Database => _connection.GetDatabase();

    private string Prefix => $"{{q:{_options.Value.Queue}}}";

    public static async Task<RedisQueues> StartAsync(RedisFixture redis, IOptions<MatchmakingOptions> options, int backends = 1) =>
        await StartAsync(ConfigurationOptions.Parse((await redis.GetAsync()).ConnectionString), options, backends);

    public static async Task<RedisQueues> StartAsync(
        ConfigurationOptions connection, IOptions<MatchmakingOptions> options, int backends = 1)
    {
        // A busy machine is no fault.
        (connection.ConnectTimeout, connection.SyncTimeout, connection.AsyncTimeout) = (60_000, 60_000, 60_000);
        var queues = new RedisQueues(await ConnectionMultiplexer.ConnectAsync(connection), options);
        RedisBackend[] started =
            [.. Enumerable.Range(0, backends).Select(i => queues.Backend(new BackendIdentity("backend", $"backend-{i}")))];
        foreach (var backend in started)
        {
            await backend.StartAsync(CancellationToken.None);
        }

        queues.Backends = [.. started.Select(backend => backend.Queue)];
        queues.Outboxes = [.. started.Select(backend => backend.Outbox)];
        queues.Returns = [.. started.Select(backend => backend.Return)];
        return queues;
    }

    public RedisBackend Backend(
        BackendIdentity identity, TimeProvider? time = null, OutboxLosses? losses = null, ILoggerFactory? logs = null,
        IMatchRecords? records = null) => new(_connection, _options, identity, time, losses, logs, records);

    /// <summary>Has a backend hear of what is published from now on, until the result is disposed.</summary>
    public async Task<RedisChangeListener> ListenAsync(RedisState state, PlayerWaiters waiters, QueueLedger ledger, QueueSignals signals)
    {
        var listener = new RedisChangeListener(
            _connection, state, _options, waiters, ledger, signals, new MatchLife([]), TimeProvider.System,
            NullLogger<RedisChangeListener>.Instance);
        await listener.StartAsync(CancellationToken.None);
        var channel = RedisScriptRunner.ChangesOf(_connection, _options.Value.Queue).ToString();
        await Eventually.IsAsync(
            "the subscription",
            async _ => (long)((RedisResult[])(await Database.ExecuteAsync("PUBSUB", "NUMSUB", channel))!)[1] > 0,
            Waits.Patient);
        return listener;
    }

    public async Task<IReadOnlyList<string>> WaitingAsync()
    {
        var members = await Database.SortedSetRangeByRankAsync(Prefix + ":waiting");
        return [.. members.Select(player => (string)player!).Where(player => player != "\0")];
    }

    /// <summary>The matches of one of the queue's sorted sets (claims, live), each with its players.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> MatchesAsync(string set)
    {
        var matches = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var match in (await Database.SortedSetRangeByRankAsync($"{Prefix}:{set}")).Where(match => match != "\0"))
        {
            var players = (string?)await Database.HashGetAsync($"{Prefix}:match:{match}", "players");
            matches[match!] = System.Text.Json.JsonSerializer.Deserialize<string[]>(players!)!;
        }

        return matches;
    }

    /// <summary>As after a restart without its file.</summary>
    public async Task LoseEverythingAsync()
    {
        var server = _connection.GetServers().Single();
        await Database.KeyDeleteAsync(await server.KeysAsync(pattern: $"{Prefix}:*").ToArrayAsync());
    }

    /// <summary>As after a failover to a replica with other data: Redis refuses every backend until the backend reopens it.</summary>
    public Task RefuseAsync() => SetAsync(":state", "epoch", "another");

    /// <summary>As after a pause of the backend that holds the claim.</summary>
    public Task ExpireLeaseAsync(Guid matchId) => Database.SortedSetAddAsync(Prefix + ":claims", matchId.ToString(), 0);

    /// <summary>The names of the queue's keys, without its prefix.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync()
    {
        var keys = await _connection.GetServers().Single().KeysAsync(pattern: $"{Prefix}:*").ToArrayAsync();
        return [.. keys.Select(key => ((string)key!)[Prefix.Length..])];
    }

    /// <summary>Puts a value of another type in a key's place.</summary>
    /// <param name="key">As for <see cref="DeleteAsync"/>.</param>
    public async Task BreakAsync(string key)
    {
        var name = Prefix + await FindKeyAsync(key);
        if (await Database.KeyTypeAsync(name) == RedisType.String)
        {
            await Database.KeyDeleteAsync(name);
            await Database.HashSetAsync(name, "broken", "broken");
        }
        else
        {
            await Database.StringSetAsync(name, "broken");
        }
    }

    /// <summary>As after so many leaves of players whom nobody knew.</summary>
    public Task CountLeavesAsync(int count) => Database.StringSetAsync(Prefix + ":marks", count);

    /// <summary>Runs a script as a backend that sent the call at this time, and waits for three minutes.</summary>
    public async Task<RedisResult> RunAsync(string script, DateTimeOffset sent, params RedisValue[] arguments)
    {
        RedisValue epoch = await Database.HashGetAsync(Prefix + ":state", "epoch");
        return await Database.ScriptEvaluateAsync(
            script, [Prefix], [epoch, "backend-0", Prefix + ":changes", sent.ToUnixTimeMilliseconds() * 1000, 180_000_000, .. arguments]);
    }

    /// <summary>No match forms until the key <c>:pause</c> is deleted.</summary>
    public Task PauseAsync() => Database.StringSetAsync(Prefix + ":pause", "1");

    /// <summary>Deletes one key.</summary>
    /// <param name="key">The key's name without the prefix; the id of a match may be any: then the first match goes.</param>
    public async Task DeleteAsync(string key) => await Database.KeyDeleteAsync(Prefix + await FindKeyAsync(key));

    /// <summary>Deletes what is kept of a match, but for its place among the live ones.</summary>
    public Task LoseMatchAsync(Guid matchId) => Database.KeyDeleteAsync($"{Prefix}:match:{matchId}");

    /// <summary>Deletes a match's place among the live ones, but nothing else of it.</summary>
    public Task LosePlaceAsync(Guid matchId) => Database.SortedSetRemoveAsync(Prefix + ":live", matchId.ToString());

    /// <summary>The backends that the queue remembers, in the order of their starts.</summary>
    public async Task<IReadOnlyList<string>> BackendsAsync() =>
        [.. (await Database.SortedSetRangeByRankAsync(Prefix + ":backends")).Select(backend => (string)backend!)];

    public async Task<IReadOnlyList<string>> FieldsAsync(string key) =>
        [.. (await Database.HashKeysAsync(Prefix + key)).Select(field => (string)field!)];

    /// <summary>Adds records to the outbox, as many as it may have at most.</summary>
    public async Task FillOutboxAsync()
    {
        // In small steps: others use this Redis.
        for (var i = 0; i < 100; i++)
        {
            await Database.ScriptEvaluateAsync(
                """
                for i = 1, 1000 do
                  redis.call(
                    'XADD', KEYS[1], '*', 'match', ARGV[1], 'players', '[]', 'backend', 'b', 'server', 's', 'created', '0', 'ended', '')
                end
                """,
                [Prefix + ":outbox"], [Guid.NewGuid().ToString()]);
        }
    }

    /// <summary>Adds an entry to the outbox, as a backend of any version does.</summary>
    public Task AddToOutboxAsync(params (string Name, string Value)[] fields) =>
        Database.StreamAddAsync(Prefix + ":outbox", [.. fields.Select(field => new NameValueEntry(field.Name, field.Value))]);

    /// <summary>Changes one field of a hash.</summary>
    public async Task SetAsync(string key, string field, string value) => await Database.HashSetAsync(Prefix + key, field, value);

    /// <summary>Has a key expire after this time. Makes the key if it is missing.</summary>
    public async Task KeepAsync(string key, TimeSpan life)
    {
        await Database.StringSetAsync(Prefix + key, "1", when: When.NotExists);
        await Database.KeyExpireAsync(Prefix + key, life);
    }

    public Task<TimeSpan?> LifeOfAsync(string key) => Database.KeyTimeToLiveAsync(Prefix + key);

    /// <summary>As if nobody had heard of these waiting players for years.</summary>
    public Task HearLongAgoAsync(params string[] players) =>
        Database.SortedSetAddAsync(Prefix + ":heard", [.. players.Select(player => new SortedSetEntry(player, 0))]);

    /// <summary>Changes when a backend was first heard of, in microseconds.</summary>
    public Task SetFirstHeardAsync(string backend, long at) => Database.SortedSetAddAsync(Prefix + ":backends", backend, at);

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();

    private async Task<string> FindKeyAsync(string key) => !key.StartsWith(":match:", StringComparison.Ordinal)
        ? key
        : (await KeysAsync()).Where(other => other.StartsWith(":match:", StringComparison.Ordinal)).Order(StringComparer.Ordinal).First();
}
