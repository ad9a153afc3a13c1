using GameStack.Backend.Queue.Redis;
using StackExchange.Redis;

namespace GameStack.Tests.Support.Reliability;

/// <summary>One queue as somebody with nothing but a Redis client sees it.</summary>
public sealed class QueueView(IConnectionMultiplexer redis, string queue)
{
    private const string Places =
        """
        local q, claims, live = KEYS[1], {}, {}
        local function count(set, into)
          for _, match in ipairs(redis.call('ZRANGE', q .. set, 0, -1)) do
            for _, player in ipairs(cjson.decode(redis.call('HGET', q .. ':match:' .. match, 'players') or '[]')) do
              into[player] = (into[player] or 0) + 1
            end
          end
        end
        count(':claims', claims)
        count(':live', live)
        local answer = {}
        for i, player in ipairs(ARGV) do
          local p = redis.call('HMGET', q .. ':player:' .. player, 'state', 'place')
          answer[i] = { p[1] or '', p[2] or '', '', claims[player] or 0, live[player] or 0 }
          local score = redis.call('ZSCORE', q .. ':waiting', player)
          if score then answer[i][3] = string.format('%.0f', tonumber(score)) end
        end
        return answer
        """;

    private readonly string _prefix = $"{{q:{queue}}}";

    private IDatabase Database => redis.GetDatabase();

    /// <summary>The time of joining that the queue keeps for a player.</summary>
    public async Task<string> SinceAsync(string player) =>
        (string?)await Database.HashGetAsync($"{_prefix}:player:{player}", "place") ?? "";

    /// <summary>Where these players are, all at the same moment.</summary>
    public async Task<IReadOnlyList<PlayerPlace>> PlacesAsync(IReadOnlyList<string> players)
    {
        RedisValue[] ids = [.. players.Select(player => (RedisValue)player)];
        var answer = (RedisResult[])(await RedisCall.RunAsync(
            () => Database.ScriptEvaluateAsync(Places, [_prefix], ids), CancellationToken.None))!;
        return [.. answer.Zip(players, (place, player) =>
        {
            var p = (RedisValue[])place!;
            return new PlayerPlace(player, p[0]!, p[1]!, p[2]!, (int)p[3], (int)p[4]);
        })];
    }

    public async Task<IReadOnlyList<string>> WaitingAsync() => Texts(await Database.SortedSetRangeByRankAsync(_prefix + ":waiting"));

    public async Task<IReadOnlyList<string>> ClaimsAsync() => Texts(await Database.SortedSetRangeByRankAsync(_prefix + ":claims"));

    public async Task<IReadOnlyList<string>> LiveAsync() => Texts(await Database.SortedSetRangeByRankAsync(_prefix + ":live"));

    public Task<long> OutboxAsync() => Database.StreamLengthAsync(_prefix + ":outbox");

    /// <summary>Each set also holds the member NUL.</summary>
    private static IReadOnlyList<string> Texts(RedisValue[] values) =>
        [.. values.Select(value => (string)value!).Where(value => value != "\0")];
}
