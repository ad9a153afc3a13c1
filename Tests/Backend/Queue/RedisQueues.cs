using GameStack.Backend;
using GameStack.Backend.Queue;
using GameStack.Backend.Queue.Redis;
using GameStack.Tests.Support;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace GameStack.Tests.Backend.Queue;

/// <summary>One queue in the real Redis, seen by several backends.</summary>
internal sealed class RedisQueues : IAsyncDisposable
{
    private readonly IConnectionMultiplexer _connection;
    private readonly IOptions<MatchmakingOptions> _options;
    private readonly RedisScriptRunner _scripts;

    private RedisQueues(IConnectionMultiplexer connection, IOptions<MatchmakingOptions> options, int backends)
    {
        _connection = connection;
        _options = options;
        _scripts = new RedisScriptRunner(connection, options);
        BackendIdentity[] identities = [.. Enumerable.Range(0, backends).Select(i => new BackendIdentity("backend", $"backend-{i}"))];
        Backends = [.. identities.Select(Backend)];
        Outboxes = [.. identities.Select(identity => new RedisOutbox(_scripts, options, identity, new QueueSignals()))];
        Returns = [.. identities.Select(Return)];
    }

    public IReadOnlyList<RedisMatchQueue> Backends { get; }

    /// <summary>The outbox as each of <see cref="Backends"/> reads it.</summary>
    public IReadOnlyList<RedisOutbox> Outboxes { get; }

    /// <summary>The return of each of <see cref="Backends"/>.</summary>
    public IReadOnlyList<RedisReturn> Returns { get; }

    public RedisMatchQueue Queue => Backends[0];

    private IDatabase Database => _connection.GetDatabase();

    private string Prefix => $"{{q:{_options.Value.Queue}}}";

    public static async Task<RedisQueues> StartAsync(RedisFixture redis, IOptions<MatchmakingOptions> options, int backends = 1)
    {
        var server = await redis.GetAsync();
        return new RedisQueues(await ConnectionMultiplexer.ConnectAsync(server.ConnectionString), options, backends);
    }

    public async Task<IReadOnlyList<string>> WaitingAsync() =>
        [.. (await Database.SortedSetRangeByRankAsync(Prefix + ":waiting")).Select(player => (string)player!)];

    /// <summary>The matches of one of the queue's sorted sets (claims, live), each with its players.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> MatchesAsync(string set)
    {
        var matches = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var match in await Database.SortedSetRangeByRankAsync($"{Prefix}:{set}"))
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

    public RedisMatchQueue Backend(BackendIdentity identity) => new(_scripts, _options, identity);

    public RedisReturn Return(BackendIdentity identity) => new(_scripts, identity);

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();
}
