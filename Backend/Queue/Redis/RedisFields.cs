using System.Globalization;
using System.Text.Json;
using GameStack.Backend.GameServers;
using GameStack.Backend.Tickets;
using GameStack.Contracts.Api;
using StackExchange.Redis;

namespace GameStack.Backend.Queue.Redis;

/// <summary>What the scripts take and return.</summary>
internal static class RedisFields
{
    public static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;

    public static IEnumerable<RedisValue> Ids(IEnumerable<Guid> matches) => matches.Select(id => (RedisValue)id.ToString());

    /// <param name="microseconds">Microseconds since 1970.</param>
    public static DateTimeOffset ReadTime(string microseconds) =>
        DateTimeOffset.UnixEpoch.AddMicroseconds(long.Parse(microseconds, CultureInfo.InvariantCulture));

    public static TimeSpan? ReadDue(RedisResult microseconds) =>
        (long)microseconds is >= 0 and var due ? TimeSpan.FromMicroseconds(due) : null;

    public static IReadOnlyList<string> ReadPlayers(string json) =>
        JsonSerializer.Deserialize(json, MatchApiJson.Default.IReadOnlyListString) ?? [];

    /// <summary>As <c>find.lua</c> returns them. A state that could not be found throws when it is read.</summary>
    public static IReadOnlyList<Func<PlayerState>> ReadStates(RedisResult result) =>
        [.. ((RedisResult[])result!).Select(state => (Func<PlayerState>)(() => ReadState(state)))];

    /// <summary>As <c>join.lua</c> returns it.</summary>
    public static JoinOutcome ReadJoin(RedisResult result, TimeProvider time)
    {
        var answer = (RedisResult[])result!;
        return answer.Length == 1
            ? throw new InvalidOperationException((string)answer[0]!)
            : new JoinOutcome(ReadState(answer[0]), answer[1].IsNull ? null : ReadClaim(answer[1], time),
                answer.Length > 2 ? TimeSpan.FromMilliseconds((long)answer[2]) : null);
    }

    private static PlayerState ReadState(RedisResult result)
    {
        var s = (RedisValue[])result!;
        return (string?)s[0] switch
        {
            null when s.Length > 1 && (string?)s[1] is { } error => throw new InvalidOperationException(error),
            "waiting" or "claimed" => PlayerState.Pending,
            "matched" => new PlayerState(PlayerPhase.Matched, Guid.Parse((string)s[1]!), s[2]!, (int)s[3], ReadPlayers(s[4]!))
            {
                Admission = MatchAdmission.Parse(s[5], s[6]),
            },
            "ended" => PlayerState.Ended(Guid.Parse((string)s[1]!)),
            _ => PlayerState.Unknown,
        };
    }

    public static MatchClaim ReadClaim(RedisResult result, TimeProvider time)
    {
        var c = (RedisValue[])result!;
        var createdAt = time.GetUtcNow() - TimeSpan.FromMicroseconds((long)c[1]);
        return new MatchClaim(Guid.Parse((string)c[0]!), ReadPlayers(c[3]!), ReadPlayers(c[4]!), createdAt, (int)c[2]);
    }

    /// <summary>As <c>matches.lua</c> returns it.</summary>
    public static LiveMatch ReadLive(RedisResult result)
    {
        var m = (RedisValue[])result!;
        var server = new RunningGameServer(Guid.Parse((string)m[0]!), m[1]!, m[2]!, (int)m[3]);
        return new LiveMatch(server, m[4]!, (bool)m[5], TimeSpan.FromMicroseconds((long)m[6]));
    }

    /// <summary>As <c>page.lua</c> returns it.</summary>
    public static ListedMatch ReadListed(RedisResult result)
    {
        var m = (RedisValue[])result!;
        return new ListedMatch(Guid.Parse((string)m[0]!), m[1]!);
    }

    public static string Write(IReadOnlyList<string> players) =>
        JsonSerializer.Serialize(players, MatchApiJson.Default.IReadOnlyListString);
}
