using GameStack.Backend.Records;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using static GameStack.Backend.Queue.Redis.RedisFields;

namespace GameStack.Backend.Queue.Redis;

/// <summary>
/// Tells Redis that this backend lives, and finds out whether Redis still has what this backend wrote. A promoted replica that lost the
/// last seconds, a flushed database and a deleted key all show in the data, whether or not the connection was ever lost.
/// </summary>
internal sealed class RedisHeartbeat(
    RedisScriptRunner scripts, RedisState state, CurrentRules rules, IMatchRecords records, IOptions<MatchmakingOptions> options,
    TimeProvider time)
{
    private readonly MatchmakingOptions _options = options.Value;

    /// <summary>
    /// How many more writes of this backend Redis counts at least than this backend does. Calls under way may be counted in Redis already,
    /// so they are not part of it.
    /// </summary>
    private long _surplus;

    /// <summary>How many writes of this backend Redis has at least, unless it has lost some.</summary>
    public long KnownWrites => scripts.Writes + Interlocked.Read(ref _surplus);

    /// <summary>Starts to count anew, from what Redis counted a moment ago.</summary>
    public void CountFrom(long writes) => Interlocked.Exchange(ref _surplus, writes - scripts.WritesBegun);

    /// <summary>Sends a heartbeat and renews these claims. Returns the claims that are lost.</summary>
    public async Task<IReadOnlyList<Guid>> SendAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken)
    {
        if (scripts.Epoch.Length == 0)
        {
            return []; // This backend has not opened the queue yet.
        }

        var before = KnownWrites;
        var own = rules.Own;
        var sent = time.GetTimestamp();
        var answer = (RedisResult[])(await scripts.WriteAsync(RedisScripts.Renew, cancellationToken,
        [
            Microseconds(_options.Lease), (long)_options.Heartbeat.TotalMilliseconds,
            own.SessionSize, own.MinPartialSessionSize, Microseconds(own.FlushWait), Microseconds(own.Silence),
            (long)QueueLimits.LongestPause.TotalMilliseconds, records.AreKept, .. Ids(claims),
        ]))!;

        scripts.Clock.Set(sent, (long)answer[8]);
        if ((long)answer[1] <= before)
        {
            state.Lost("Redis has lost the latest writes.");
        }
        else if (!(bool)answer[2])
        {
            state.Lost("A key of the queue is missing.");
        }

        rules.Set(
            new QueueRules(
                (int)answer[3], (int)answer[4],
                TimeSpan.FromMicroseconds((long)answer[5]), TimeSpan.FromMicroseconds((long)answer[6])),
            (string)answer[7]!);
        return [.. ((string[])answer[0]!).Select(Guid.Parse)];
    }
}
