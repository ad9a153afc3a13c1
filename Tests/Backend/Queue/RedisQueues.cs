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

    private RedisQueues(IConnectionMultiplexer connection, IOptions<MatchmakingOptions> options, int backends)
    {
        _connection = connection;
        _options = options;
        Backends = [.. Enumerable.Range(0, backends).Select(i =>
            new RedisMatchQueue(connection, options, new BackendIdentity("backend", $"backend-{i}"), new QueueSignals()))];
    }

    public IReadOnlyList<RedisMatchQueue> Backends { get; }

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

    public RedisMatchQueue Backend(BackendIdentity identity) => new(_connection, _options, identity, new QueueSignals());

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();
}
