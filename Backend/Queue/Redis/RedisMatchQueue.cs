using System.Globalization;
using System.Text.Json;
using GameStack.Backend.GameServers;
using GameStack.Backend.Records;
using GameStack.Contracts.Api;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace GameStack.Backend.Queue.Redis;

/// <summary>The queue in Redis: one Lua script for each step.</summary>
internal sealed class RedisMatchQueue(
    IConnectionMultiplexer redis, IOptions<MatchmakingOptions> options, BackendIdentity identity, QueueSignals signals) : IMatchQueue
{
    /// <summary>Longer than any match can last: a day, the time to connect, and a margin.</summary>
    private static readonly TimeSpan LiveTimeToLive = TimeSpan.FromHours(25);

    /// <summary>How long Redis remembers a match's end; Postgres remembers it for good.</summary>
    private static readonly TimeSpan EndedTimeToLive = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);
    private const int MatchesPerAdvance = 16;

    /// <summary>Long enough for every backend to notice that Redis is available again.</summary>
    private static readonly TimeSpan ReopeningPause = TimeSpan.FromSeconds(2);

    /// <summary>Long enough for a slow backend to bring in the players who wait in its memory.</summary>
    private static readonly TimeSpan Returning = TimeSpan.FromSeconds(10);

    private readonly MatchmakingOptions _options = options.Value;
    private readonly RedisKey[] _keys = [Prefix(options.Value.Queue)];

    /// <summary>Empty until this backend first reaches Redis.</summary>
    private string _epoch = "";

    public string Source => "redis";

    public bool ListsAllBackends => true;

    /// <summary>The channel on which every backend receives changes.</summary>
    public static RedisChannel ChangesOf(string queue) => RedisChannel.Literal(Prefix(queue) + ":changes");

    public async Task<JoinOutcome> JoinAsync(string playerId, string traceParent, CancellationToken cancellationToken)
    {
        var answer = (RedisResult[])(await RunAsync(RedisScripts.Join, cancellationToken,
            playerId, traceParent, Guid.NewGuid().ToString(), identity.Owner,
            _options.SessionSize, _options.MinPartialSessionSize, Microseconds(_options.FlushWait), Microseconds(_options.Lease)))!;
        return new JoinOutcome(ReadState(answer[0]), answer[1].IsNull ? null : ReadClaim(answer[1]),
            answer.Length > 2 ? TimeSpan.FromMilliseconds((long)answer[2]) : null);
    }

    /// <summary>Queues a player who has been waiting elsewhere since <paramref name="since"/>.</summary>
    public Task EnqueueAsync(string playerId, string traceParent, DateTimeOffset since, CancellationToken cancellationToken) =>
        RunAsync(RedisScripts.Enqueue, cancellationToken, playerId, traceParent, Microseconds(since - DateTimeOffset.UnixEpoch));

    public async Task<LeaveOutcome> LeaveAsync(string playerId, CancellationToken cancellationToken) =>
        (string?)await RunAsync(RedisScripts.Leave, cancellationToken, playerId) switch
        {
            "left" => new LeaveOutcome(LiveMatch: null, Left: true),
            "none" => new LeaveOutcome(LiveMatch: null, Left: false),
            var match => new LeaveOutcome(Guid.Parse(match!), Left: false),
        };

    public async Task<PlayerState> FindAsync(string playerId, CancellationToken cancellationToken) =>
        ReadState(await RunAsync(RedisScripts.Find, cancellationToken, playerId));

    public async Task<QueueAdvance> AdvanceAsync(CancellationToken cancellationToken)
    {
        RedisValue[] rules =
        [
            identity.Owner, _options.SessionSize, _options.MinPartialSessionSize,
            Microseconds(_options.FlushWait), Microseconds(_options.Lease), _options.MaxTries,
        ];
        var ids = Enumerable.Range(0, MatchesPerAdvance).Select(_ => (RedisValue)Guid.NewGuid().ToString());
        var answer = (RedisResult[])(await RunAsync(RedisScripts.Advance, cancellationToken, [.. rules, .. ids]))!;
        return new QueueAdvance([.. answer.Skip(1).Select(ReadClaim)], ReadDue(answer[0]));
    }

    public async Task<IReadOnlyList<Guid>> RenewAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken)
    {
        var lost = (string[])(await RunAsync(RedisScripts.Renew, cancellationToken,
            [identity.Owner, Microseconds(_options.Lease), (long)_options.Heartbeat.TotalMilliseconds, .. Ids(claims)]))!;
        return [.. lost.Select(Guid.Parse)];
    }

    public async Task<bool> AssignAsync(MatchClaim claim, RunningGameServer server, CancellationToken cancellationToken) =>
        (string?)await RunAsync(RedisScripts.Assign, cancellationToken,
            claim.MatchId.ToString(), identity.Owner, identity.Name, server.Name, server.Host, server.Port,
            (long)LiveTimeToLive.TotalSeconds) == "assigned";

    public async Task<int?> RetryAsync(MatchClaim claim, CancellationToken cancellationToken)
    {
        var next = (int)await RunAsync(RedisScripts.Retry, cancellationToken,
            claim.MatchId.ToString(), identity.Owner, _options.MaxTries, Microseconds(_options.Lease),
            (long)FirstPause.TotalMilliseconds, (long)LongestPause.TotalMilliseconds);
        return next == 0 ? null : next;
    }

    public Task HandOverAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken) =>
        RunAsync(RedisScripts.HandOver, cancellationToken, [identity.Owner, .. Ids(claims)]);

    public async Task<EndOutcome> EndAsync(Guid matchId, RunningGameServer? onlyOn, CancellationToken cancellationToken)
    {
        RedisValue[] server = onlyOn is null ? [] : [onlyOn.Name, onlyOn.Host, onlyOn.Port];
        return (string?)await RunAsync(RedisScripts.End, cancellationToken, [matchId.ToString(), (long)EndedTimeToLive.TotalSeconds, .. server]) switch
        {
            "ended" => EndOutcome.Ended,
            "already" => EndOutcome.AlreadyEnded,
            "claimed" => EndOutcome.NotStarted,
            "other" => EndOutcome.OnOtherServer,
            "returning" => EndOutcome.NotKnownYet,
            _ => EndOutcome.Unknown,
        };
    }

    public async Task<IReadOnlyList<LiveMatch>> ListLiveAsync(CancellationToken cancellationToken)
    {
        var matches = (RedisResult[])(await RunAsync(RedisScripts.List, cancellationToken))!;
        return [.. matches.Select(ReadLive)];

        static LiveMatch ReadLive(RedisResult match)
        {
            var m = (RedisValue[])match!;
            var server = new RunningGameServer(Guid.Parse((string)m[0]!), m[1]!, m[2]!, (int)m[3]);
            return new LiveMatch(server, m[4]!, (bool)m[5], TimeSpan.FromMicroseconds((long)m[6]));
        }
    }

    public async Task<IReadOnlyList<Guid>> ListClaimedAsync(CancellationToken cancellationToken)
    {
        var claims = await RedisCall.RunAsync(() => redis.GetDatabase().SortedSetRangeByRankAsync(_keys[0].Append(":claims")), cancellationToken);
        return [.. claims.Select(match => Guid.Parse((string)match!))];
    }

    public async Task<IReadOnlyList<OutboxEntry>> ReadAsync(int max, CancellationToken cancellationToken)
    {
        var entries = (RedisResult[])(await RunAsync(RedisScripts.Outbox, cancellationToken,
            identity.Owner, max, (long)_options.Lease.TotalMilliseconds))!;
        return [.. entries.Select(ReadEntry)];

        // ["1764000000000-0", ["match", "<uuid>", "players", "[\"p1\"]", "backend", "b", "server", "s", "created", "<us>", "ended", ""]]
        static OutboxEntry ReadEntry(RedisResult entry)
        {
            var parts = (RedisResult[])entry!;
            var f = (string[])parts[1]!;
            return new OutboxEntry((string)parts[0]!, new MatchRecord
            {
                SessionId = Guid.Parse(f[1]),
                Players = ReadPlayers(f[3]),
                BackendPod = f[5],
                GameServerPod = f[7],
                CreatedAt = ReadTime(f[9]),
                EndedAt = f[11].Length == 0 ? null : ReadTime(f[11]),
            });
        }
    }

    public Task TrimAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        RedisValue[] entries = [.. ids.Select(id => (RedisValue)id)];
        return RedisCall.RunAsync(() => redis.GetDatabase().StreamDeleteAsync(_keys[0].Append(":outbox"), entries), cancellationToken);
    }

    /// <summary>Call this before anything else when Redis is available again. Returns whether Redis has lost its data.</summary>
    public async Task<bool> ReopenAsync(CancellationToken cancellationToken)
    {
        var answer = (RedisValue[])(await RunAsync(RedisScripts.Reopen, cancellationToken,
            _epoch, Guid.NewGuid().ToString(), (long)ReopeningPause.TotalMilliseconds, (long)Returning.TotalMilliseconds))!;
        _epoch = answer[0]!;
        return (bool)answer[1];
    }

    /// <summary>Adds a live match that Redis does not know.</summary>
    public Task AdoptAsync(MatchRecord match, RunningGameServer server, CancellationToken cancellationToken) =>
        RunAsync(RedisScripts.Adopt, cancellationToken,
            match.SessionId.ToString(), identity.Owner, match.BackendPod, server.Name, server.Host, server.Port,
            Microseconds(match.CreatedAt - DateTimeOffset.UnixEpoch), (long)LiveTimeToLive.TotalSeconds,
            JsonSerializer.Serialize(match.Players, MatchApiJson.Default.IReadOnlyListString));

    /// <summary>Records the end of a match that was formed and ended while Redis was unavailable.</summary>
    public Task BuryAsync(MatchRecord match, CancellationToken cancellationToken) =>
        RunAsync(RedisScripts.Bury, cancellationToken,
            match.SessionId.ToString(), (long)EndedTimeToLive.TotalSeconds, JsonSerializer.Serialize(match.Players, MatchApiJson.Default.IReadOnlyListString));

    public Task WaitForEntriesAsync(CancellationToken cancellationToken) => signals.WaitForOutboxAsync(cancellationToken);

    private static string Prefix(string queue) => $"{{q:{queue}}}";

    private static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;

    private static IEnumerable<RedisValue> Ids(IEnumerable<Guid> matches) => matches.Select(id => (RedisValue)id.ToString());

    private static DateTimeOffset ReadTime(string microseconds) =>
        DateTimeOffset.UnixEpoch.AddMicroseconds(long.Parse(microseconds, CultureInfo.InvariantCulture));

    private static TimeSpan? ReadDue(RedisResult microseconds) =>
        (long)microseconds is >= 0 and var due ? TimeSpan.FromMicroseconds(due) : null;

    private static IReadOnlyList<string> ReadPlayers(string json) =>
        JsonSerializer.Deserialize(json, MatchApiJson.Default.IReadOnlyListString) ?? [];

    private static PlayerState ReadState(RedisResult result)
    {
        var s = (RedisValue[])result!;
        return (string?)s[0] switch
        {
            "waiting" or "claimed" => PlayerState.Pending,
            "matched" => new PlayerState(PlayerPhase.Matched, Guid.Parse((string)s[1]!), s[2]!, (int)s[3], ReadPlayers(s[4]!)),
            "ended" => PlayerState.Ended(Guid.Parse((string)s[1]!)),
            _ => PlayerState.Unknown,
        };
    }

    private static MatchClaim ReadClaim(RedisResult result)
    {
        var c = (RedisValue[])result!;
        return new MatchClaim(Guid.Parse((string)c[0]!), ReadPlayers(c[3]!), ReadPlayers(c[4]!), ReadTime(c[1]!), (int)c[2]);
    }

    private Task<RedisResult> RunAsync(string script, CancellationToken cancellationToken, params RedisValue[] arguments) =>
        RedisCall.RunAsync(() => redis.GetDatabase().ScriptEvaluateAsync(script, _keys, arguments), cancellationToken);
}
