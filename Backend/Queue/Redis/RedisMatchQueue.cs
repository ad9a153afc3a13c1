using GameStack.Backend.GameServers;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using static GameStack.Backend.Queue.Redis.RedisFields;

namespace GameStack.Backend.Queue.Redis;

/// <summary>The queue in Redis: one Lua script for each step.</summary>
internal sealed class RedisMatchQueue(
    RedisScriptRunner scripts, IOptions<MatchmakingOptions> options, BackendIdentity identity) : IMatchQueue
{
    private const int MatchesPerAdvance = 16;

    private readonly MatchmakingOptions _options = options.Value;

    public string Source => "redis";

    public bool ListsAllBackends => true;

    public async Task<JoinOutcome> JoinAsync(string playerId, string traceParent, CancellationToken cancellationToken)
    {
        var answer = (RedisResult[])(await scripts.RunAsync(RedisScripts.Join, cancellationToken,
            playerId, traceParent, Guid.NewGuid().ToString(), identity.Owner,
            _options.SessionSize, _options.MinPartialSessionSize, Microseconds(_options.FlushWait), Microseconds(_options.Lease)))!;
        return new JoinOutcome(ReadState(answer[0]), answer[1].IsNull ? null : ReadClaim(answer[1]),
            answer.Length > 2 ? TimeSpan.FromMilliseconds((long)answer[2]) : null);
    }

    public async Task<LeaveOutcome> LeaveAsync(string playerId, CancellationToken cancellationToken) =>
        (string?)await scripts.RunAsync(RedisScripts.Leave, cancellationToken, playerId) switch
        {
            "left" => new LeaveOutcome(LiveMatch: null, Left: true),
            "none" => new LeaveOutcome(LiveMatch: null, Left: false),
            var match => new LeaveOutcome(Guid.Parse(match!), Left: false),
        };

    public async Task<PlayerState> FindAsync(string playerId, CancellationToken cancellationToken) =>
        ReadState(await scripts.RunAsync(RedisScripts.Find, cancellationToken, playerId));

    public async Task<QueueAdvance> AdvanceAsync(CancellationToken cancellationToken)
    {
        RedisValue[] rules =
        [
            identity.Owner, _options.SessionSize, _options.MinPartialSessionSize,
            Microseconds(_options.FlushWait), Microseconds(_options.Lease), _options.MaxTries,
        ];
        var ids = Enumerable.Range(0, MatchesPerAdvance).Select(_ => (RedisValue)Guid.NewGuid().ToString());
        var answer = (RedisResult[])(await scripts.RunAsync(RedisScripts.Advance, cancellationToken, [.. rules, .. ids]))!;
        return new QueueAdvance([.. answer.Skip(1).Select(ReadClaim)], ReadDue(answer[0]));
    }

    public async Task<IReadOnlyList<Guid>> RenewAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken)
    {
        var lost = (string[])(await scripts.RunAsync(RedisScripts.Renew, cancellationToken,
            [identity.Owner, Microseconds(_options.Lease), (long)_options.Heartbeat.TotalMilliseconds, .. Ids(claims)]))!;
        return [.. lost.Select(Guid.Parse)];
    }

    public async Task<bool> AssignAsync(MatchClaim claim, RunningGameServer server, CancellationToken cancellationToken) =>
        (string?)await scripts.RunAsync(RedisScripts.Assign, cancellationToken,
            claim.MatchId.ToString(), identity.Owner, identity.Name, server.Name, server.Host, server.Port,
            (long)QueueLimits.LiveTimeToLive.TotalSeconds) == "assigned";

    public async Task<int?> RetryAsync(MatchClaim claim, CancellationToken cancellationToken)
    {
        var next = (int)await scripts.RunAsync(RedisScripts.Retry, cancellationToken,
            claim.MatchId.ToString(), identity.Owner, _options.MaxTries, Microseconds(_options.Lease),
            (long)QueueLimits.FirstPause.TotalMilliseconds, (long)QueueLimits.LongestPause.TotalMilliseconds);
        return next == 0 ? null : next;
    }

    public Task HandOverAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken) =>
        scripts.RunAsync(RedisScripts.HandOver, cancellationToken, [identity.Owner, .. Ids(claims)]);

    public async Task<EndOutcome> EndAsync(Guid matchId, RunningGameServer? onlyOn, CancellationToken cancellationToken)
    {
        RedisValue[] server = onlyOn is null ? [] : [onlyOn.Name, onlyOn.Host, onlyOn.Port];
        return (string?)await scripts.RunAsync(RedisScripts.End, cancellationToken, [matchId.ToString(), (long)QueueLimits.EndedTimeToLive.TotalSeconds, .. server]) switch
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
        var matches = (RedisResult[])(await scripts.RunAsync(RedisScripts.List, cancellationToken))!;
        return [.. matches.Select(ReadLive)];
    }

    public async Task<IReadOnlyList<Guid>> ListClaimedAsync(CancellationToken cancellationToken)
    {
        var claims = await scripts.CallAsync((redis, prefix) => redis.SortedSetRangeByRankAsync(prefix.Append(":claims")), cancellationToken);
        return [.. claims.Select(match => Guid.Parse((string)match!))];
    }
}
