using GameStack.Backend.GameServers;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using static GameStack.Backend.Queue.Redis.RedisFields;

namespace GameStack.Backend.Queue.Redis;

/// <summary>The queue in Redis: one Lua script for each step.</summary>
internal sealed class RedisMatchQueue(
    RedisScriptRunner scripts, RedisHeartbeat heartbeat, IOptions<MatchmakingOptions> options, BackendIdentity identity, TimeProvider time)
    : IMatchQueue
{
    private const int MatchesPerAdvance = 16;

    private readonly MatchmakingOptions _options = options.Value;

    public string Source => "redis";

    public async Task<JoinOutcome> JoinAsync(string playerId, string traceParent, CancellationToken cancellationToken)
    {
        var answer = (RedisResult[])(await scripts.WriteAsync(RedisScripts.Join, cancellationToken,
            playerId, traceParent, Guid.NewGuid().ToString(), Microseconds(_options.Lease), QueueLimits.FailuresUntilRefusal))!;
        return new JoinOutcome(ReadState(answer[0]), answer[1].IsNull ? null : ReadClaim(answer[1], time),
            answer.Length > 2 ? TimeSpan.FromMilliseconds((long)answer[2]) : null);
    }

    public async Task<LeaveOutcome> LeaveAsync(string playerId, CancellationToken cancellationToken) =>
        (string?)await scripts.WriteAsync(RedisScripts.Leave, cancellationToken, playerId) switch
        {
            "left" => new LeaveOutcome(LiveMatch: null, Left: true),
            "none" => new LeaveOutcome(LiveMatch: null, Left: false),
            var match => new LeaveOutcome(Guid.Parse(match!), Left: false),
        };

    public async Task<PlayerState> FindAsync(string playerId, CancellationToken cancellationToken) =>
        ReadState(await scripts.ReadAsync(RedisScripts.Find, cancellationToken, playerId));

    public Task HearAsync(IReadOnlyCollection<string> players, CancellationToken cancellationToken) =>
        scripts.WriteAsync(RedisScripts.Hear, cancellationToken, [.. players.Select(player => (RedisValue)player)]);

    public async Task<QueueAdvance> AdvanceAsync(CancellationToken cancellationToken)
    {
        var ids = Enumerable.Range(0, MatchesPerAdvance).Select(_ => (RedisValue)Guid.NewGuid().ToString());
        var answer = (RedisResult[])(await scripts.WriteAsync(RedisScripts.Advance, cancellationToken,
            [Microseconds(_options.Lease), _options.MaxTries, .. ids]))!;
        return new QueueAdvance([.. answer.Skip(1).Select(claim => ReadClaim(claim, time))], ReadDue(answer[0]));
    }

    public Task<IReadOnlyList<Guid>> RenewAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken) =>
        heartbeat.SendAsync(claims, cancellationToken);

    public async Task<bool> AssignAsync(MatchClaim claim, RunningGameServer server, CancellationToken cancellationToken) =>
        (string?)await scripts.WriteAsync(RedisScripts.Assign, cancellationToken,
            claim.MatchId.ToString(), identity.Name, server.Name, server.Host, server.Port,
            (long)QueueLimits.LiveTimeToLive.TotalSeconds) == "assigned";

    public async Task<int?> RetryAsync(MatchClaim claim, CancellationToken cancellationToken)
    {
        var next = (int)await scripts.WriteAsync(RedisScripts.Retry, cancellationToken,
            claim.MatchId.ToString(), _options.MaxTries, Microseconds(_options.Lease),
            (long)QueueLimits.FirstPause.TotalMilliseconds, (long)QueueLimits.LongestPause.TotalMilliseconds);
        return next == 0 ? null : next;
    }

    public Task HandOverAsync(Guid matchId, CancellationToken cancellationToken) =>
        scripts.WriteAsync(RedisScripts.HandOver, cancellationToken, [matchId.ToString()]);

    public async Task<bool> CloseAsync(CancellationToken cancellationToken)
    {
        await scripts.WriteAsync(RedisScripts.HandOver, cancellationToken, []);
        return true;
    }

    public async Task<EndOutcome> EndAsync(Guid matchId, RunningGameServer? onlyOn, CancellationToken cancellationToken)
    {
        RedisValue[] server = onlyOn is null ? [] : [onlyOn.Name, onlyOn.Host, onlyOn.Port];
        var outcome = await scripts.WriteAsync(
            RedisScripts.End, cancellationToken, [matchId.ToString(), (long)QueueLimits.EndedTimeToLive.TotalSeconds, .. server]);
        return (string?)outcome switch
        {
            "ended" => EndOutcome.Ended,
            "already" => EndOutcome.AlreadyEnded,
            "claimed" => EndOutcome.NotStarted,
            "other" => EndOutcome.OnOtherServer,
            "returning" => EndOutcome.NotKnownYet,
            _ => EndOutcome.Unknown,
        };
    }

    public async Task<MatchList> ListAsync(CancellationToken cancellationToken)
    {
        var answer = (RedisResult[])(await scripts.ReadAsync(RedisScripts.List, cancellationToken))!;
        var live = (RedisResult[])answer[2]!;
        return new MatchList([.. live.Select(ReadLive)], [.. ((string[])answer[1]!).Select(Guid.Parse)], IsComplete: !(bool)answer[0]);
    }
}
