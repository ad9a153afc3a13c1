using GameStack.Backend.GameServers;
using GameStack.Backend.Records;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using static GameStack.Backend.Queue.Redis.RedisFields;

namespace GameStack.Backend.Queue.Redis;

/// <summary>The queue in Redis: one Lua script for each step.</summary>
internal sealed class RedisMatchQueue : IMatchQueue
{
    private const int MatchesPerAdvance = 16;

    private readonly RedisScriptRunner _scripts;
    private readonly RedisHeartbeat _heartbeat;
    private readonly BackendIdentity _identity;
    private readonly TimeProvider _time;
    private readonly MatchmakingOptions _options;
    private readonly BatchedCall<(string PlayerId, string TraceParent), JoinOutcome> _joins;
    private readonly BatchedCall<string, PlayerState> _finds;

    public RedisMatchQueue(
        RedisScriptRunner scripts, RedisHeartbeat heartbeat, IOptions<MatchmakingOptions> options, BackendIdentity identity,
        TimeProvider time)
    {
        (_scripts, _heartbeat, _identity, _time, _options) = (scripts, heartbeat, identity, time, options.Value);
        _joins = new(JoinAsync);
        _finds = new(FindAsync);
    }

    public string Source => "redis";

    public Task<JoinOutcome> JoinAsync(string playerId, string traceParent, CancellationToken cancellationToken) =>
        _joins.SendAsync((playerId, traceParent)).WaitAsync(cancellationToken);

    public async Task<LeaveOutcome> LeaveAsync(string playerId, CancellationToken cancellationToken) =>
        (string?)await _scripts.WriteAsync(RedisScripts.Leave, cancellationToken, playerId, 0) switch
        {
            "left" => new LeaveOutcome(LiveMatch: null, Left: true),
            "none" => new LeaveOutcome(LiveMatch: null, Left: false),
            var match => new LeaveOutcome(Guid.Parse(match!), Left: false),
        };

    public Task<PlayerState> FindAsync(string playerId, CancellationToken cancellationToken) =>
        _finds.SendAsync(playerId).WaitAsync(cancellationToken);

    public async Task<IReadOnlyCollection<string>> HearAsync(
        IReadOnlyCollection<string> players, CancellationToken cancellationToken) =>
        (string[])(await _scripts.WriteAsync(
            RedisScripts.Hear, cancellationToken, [.. players.Select(player => (RedisValue)player)]))!;

    public async Task<QueueAdvance> AdvanceAsync(CancellationToken cancellationToken)
    {
        var ids = Enumerable.Range(0, MatchesPerAdvance).Select(_ => (RedisValue)Guid.NewGuid().ToString());
        var answer = (RedisResult[])(await _scripts.WriteAsync(RedisScripts.Advance, cancellationToken,
            [Microseconds(_options.Lease), _options.MaxTries, .. ids]))!;
        return new QueueAdvance([.. answer.Skip(1).Select(claim => ReadClaim(claim, _time))], ReadDue(answer[0]));
    }

    /// <summary>Does nothing: what is done without Redis is done elsewhere.</summary>
    public Task ReturnAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<Guid>> RenewAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken) =>
        _heartbeat.SendAsync(claims, cancellationToken);

    public async Task<bool> AssignAsync(MatchClaim claim, RunningGameServer server, CancellationToken cancellationToken) =>
        (string?)await _scripts.WriteAsync(RedisScripts.Assign, cancellationToken,
            claim.MatchId.ToString(), _identity.Name, server.Name, server.Host, server.Port,
            (long)QueueLimits.LiveTimeToLive.TotalSeconds, server.Admission?.ToString() ?? "", Write(claim.Players)) == "assigned";

    public async Task<int?> RetryAsync(MatchClaim claim, CancellationToken cancellationToken)
    {
        var next = (int)await _scripts.WriteAsync(RedisScripts.Retry, cancellationToken,
            claim.MatchId.ToString(), _options.MaxTries, Microseconds(_options.Lease),
            (long)QueueLimits.FirstPause.TotalMilliseconds, (long)QueueLimits.LongestPause.TotalMilliseconds);
        return next == 0 ? null : next;
    }

    public Task HandOverAsync(MatchClaim claim, CancellationToken cancellationToken) =>
        _scripts.WriteAsync(RedisScripts.HandOver, cancellationToken, [claim.MatchId.ToString()]);

    public async Task<bool> CloseAsync(CancellationToken cancellationToken)
    {
        await _scripts.WriteAsync(RedisScripts.HandOver, cancellationToken, []);
        return true;
    }

    public async Task<EndOutcome> EndAsync(
        Guid matchId, RunningGameServer? onlyOn, string endedBy, CancellationToken cancellationToken)
    {
        RedisValue[] server = onlyOn is null ? [] : [onlyOn.Name, onlyOn.Host, onlyOn.Port];
        var outcome = await _scripts.WriteAsync(
            RedisScripts.End, cancellationToken,
            [matchId.ToString(), (long)QueueLimits.EndedTimeToLive.TotalSeconds, endedBy, .. server]);
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

    public async Task<bool> AdoptAsync(MatchRecord match, RunningGameServer server, CancellationToken cancellationToken) =>
        (string?)await _scripts.WriteAsync(RedisScripts.Adopt, cancellationToken,
            match.SessionId.ToString(), match.BackendPod, server.Name, server.Host, server.Port,
            Microseconds(_time.GetUtcNow() - match.CreatedAt), (long)QueueLimits.LiveTimeToLive.TotalSeconds,
            Write(match.Players), server.Admission?.ToString() ?? "", server.Admission?.Seats ?? "") == "adopted";

    public async Task<long> CountLiveAsync(CancellationToken cancellationToken)
    {
        var members = await _scripts.CallAsync((redis, prefix) => redis.SortedSetLengthAsync(prefix.Append(":live")), cancellationToken);
        return Math.Max(0, members - 1); // Without NUL.
    }

    public async Task<MatchList> FindMatchesAsync(IReadOnlyCollection<Guid> matches, CancellationToken cancellationToken)
    {
        var answer = (RedisResult[])(await _scripts.ReadAsync(RedisScripts.Matches, cancellationToken, [.. Ids(matches)]))!;
        var live = (RedisResult[])answer[3]!;
        return new MatchList(
            [.. live.Select(ReadLive)], [.. ((string[])answer[2]!).Select(Guid.Parse)], IsComplete: !(bool)answer[0], (string)answer[1]!)
        {
            Heard = (string[])answer[4]!,
        };
    }

    public async Task<MatchPage?> ListPageAsync(Guid? after, int limit, CancellationToken cancellationToken)
    {
        var answer = await _scripts.ReadAsync(RedisScripts.Page, cancellationToken, after?.ToString() ?? "", limit + 1);
        if (answer.IsNull)
        {
            return null;
        }

        var parts = (RedisResult[])answer!;
        return MatchPage.Of([.. parts.Skip(1).Select(ReadListed)], limit, isComplete: !(bool)parts[0]);
    }

    private async Task<IReadOnlyList<Func<JoinOutcome>>> JoinAsync(IReadOnlyList<(string PlayerId, string TraceParent)> joins)
    {
        var each = joins.SelectMany(join => (RedisValue[])[join.PlayerId, join.TraceParent, Guid.NewGuid().ToString()]);
        var answers = (RedisResult[])(await _scripts.WriteAsync(RedisScripts.Join, CancellationToken.None,
            [Microseconds(_options.Lease), QueueLimits.FailuresUntilRefusal, .. each]))!;
        return [.. answers.Select(answer => (Func<JoinOutcome>)(() => ReadJoin(answer, _time)))];
    }

    private async Task<IReadOnlyList<Func<PlayerState>>> FindAsync(IReadOnlyList<string> players) =>
        ReadStates(await _scripts.ReadAsync(
            RedisScripts.Find, CancellationToken.None, ["", .. players.Select(player => (RedisValue)player)]));
}
