using GameStack.Backend.GameServers;
using GameStack.Backend.Records;
using StackExchange.Redis;
using static GameStack.Backend.Queue.Redis.RedisFields;

namespace GameStack.Backend.Queue.Redis;

/// <summary>Brings to Redis what it does not know: it was unavailable meanwhile, or has lost its data.</summary>
internal sealed class RedisReturn(RedisScriptRunner scripts, BackendIdentity identity)
{
    /// <summary>Long enough for every backend to notice that Redis is available again.</summary>
    private static readonly TimeSpan ReopeningPause = TimeSpan.FromSeconds(2);

    /// <summary>Long enough for a slow backend to bring in the players who wait in its memory.</summary>
    private static readonly TimeSpan Returning = TimeSpan.FromSeconds(10);

    /// <summary>Empty until this backend first reaches Redis.</summary>
    private string _epoch = "";

    /// <summary>Call this before anything else when Redis is available again. Returns whether Redis has lost its data.</summary>
    public async Task<bool> ReopenAsync(CancellationToken cancellationToken)
    {
        var answer = (RedisValue[])(await scripts.RunAsync(RedisScripts.Reopen, cancellationToken,
            _epoch, Guid.NewGuid().ToString(), (long)ReopeningPause.TotalMilliseconds, (long)Returning.TotalMilliseconds))!;
        _epoch = answer[0]!;
        return (bool)answer[1];
    }

    /// <summary>Adds a live match that Redis does not know.</summary>
    public Task AdoptAsync(MatchRecord match, RunningGameServer server, CancellationToken cancellationToken) =>
        scripts.RunAsync(RedisScripts.Adopt, cancellationToken,
            match.SessionId.ToString(), identity.Owner, match.BackendPod, server.Name, server.Host, server.Port,
            Microseconds(match.CreatedAt - DateTimeOffset.UnixEpoch), (long)QueueLimits.LiveTimeToLive.TotalSeconds,
            Write(match.Players));

    /// <summary>Records the end of a match that was formed and ended while Redis was unavailable.</summary>
    public Task BuryAsync(MatchRecord match, CancellationToken cancellationToken) =>
        scripts.RunAsync(RedisScripts.Bury, cancellationToken,
            match.SessionId.ToString(), (long)QueueLimits.EndedTimeToLive.TotalSeconds, Write(match.Players));

    /// <summary>Queues a player who has been waiting elsewhere since <paramref name="since"/>.</summary>
    public Task EnqueueAsync(string playerId, string traceParent, DateTimeOffset since, CancellationToken cancellationToken) =>
        scripts.RunAsync(RedisScripts.Enqueue, cancellationToken, playerId, traceParent, Microseconds(since - DateTimeOffset.UnixEpoch));
}
