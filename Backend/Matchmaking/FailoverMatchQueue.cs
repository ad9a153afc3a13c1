using GameStack.Backend.GameServers;
using GameStack.Backend.Matches;
using GameStack.Backend.Matchmaking.Memory;
using GameStack.Backend.Matchmaking.Redis;
using StackExchange.Redis;

namespace GameStack.Backend.Matchmaking;

/// <summary>
/// Redis while it is there, this backend's memory while it is not. A player or a match that the memory knows stays there until it is over,
/// save for those who wait: they are handed to Redis, with their time of joining, when it is back.
/// A call that Redis broke off has an unknown outcome: it fails, and is not made a second time in memory.
/// </summary>
internal sealed partial class FailoverMatchQueue(
    IConnectionMultiplexer connection, RedisMatchQueue redis, InMemoryMatchQueue memory, QueueSignals signals, ILogger<FailoverMatchQueue> logger) : IMatchQueue
{
    private IMatchQueue Current => connection.IsConnected ? redis : memory;

    public string Source => Current.Source;

    public Task<JoinOutcome> JoinAsync(string playerId, string traceParent, CancellationToken cancellationToken) =>
        QueueOf(playerId).JoinAsync(playerId, traceParent, cancellationToken);

    public Task<LeaveOutcome> LeaveAsync(string playerId, CancellationToken cancellationToken) =>
        QueueOf(playerId).LeaveAsync(playerId, cancellationToken);

    public async Task<PlayerState> FindAsync(string playerId, CancellationToken cancellationToken)
    {
        var state = await QueueOf(playerId).FindAsync(playerId, cancellationToken);
        if (state.Phase == PlayerPhase.Unknown)
        {
            state = await memory.FindAsync(playerId, cancellationToken);
        }

        // A player whom only Redis, or another backend's memory, can know of must not be told that nobody knows.
        return state.Phase == PlayerPhase.Unknown && !connection.IsConnected ? PlayerState.Pending : state;
    }

    public async Task<QueueAdvance> AdvanceAsync(CancellationToken cancellationToken)
    {
        if (!connection.IsConnected)
        {
            return await memory.AdvanceAsync(cancellationToken);
        }

        var completed = await HandBackAsync(cancellationToken);

        // Hardly anybody waits in memory now, but what is over there is forgotten. Its claims have no lease that would run out
        // if the next call failed, so they are given out by themselves.
        var own = await memory.AdvanceAsync(cancellationToken);
        if (own.Claims.Count > 0)
        {
            return new QueueAdvance([.. completed, .. own.Claims], TimeSpan.Zero);
        }

        var shared = await redis.AdvanceAsync(cancellationToken);
        return shared with { Claims = [.. completed, .. shared.Claims] };
    }

    public async Task<IReadOnlyList<Guid>> RenewAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken)
    {
        var elsewhere = await memory.RenewAsync(claims, cancellationToken);
        return connection.IsConnected ? await redis.RenewAsync(elsewhere, cancellationToken) : [];
    }

    public async Task<bool> AssignAsync(MatchClaim claim, RunningGameServer server, CancellationToken cancellationToken) =>
        await memory.AssignAsync(claim, server, cancellationToken) || await redis.AssignAsync(claim, server, cancellationToken);

    public async Task<int?> RetryAsync(MatchClaim claim, CancellationToken cancellationToken) =>
        await IsInMemoryAsync(claim.MatchId, cancellationToken)
            ? await memory.RetryAsync(claim, cancellationToken)
            : await redis.RetryAsync(claim, cancellationToken);

    public Task HandOverAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken) =>
        connection.IsConnected ? redis.HandOverAsync(claims, cancellationToken) : Task.CompletedTask;

    public async Task<EndOutcome> EndAsync(Guid matchId, CancellationToken cancellationToken)
    {
        var outcome = await memory.EndAsync(matchId, cancellationToken);
        return outcome == EndOutcome.Unknown ? await redis.EndAsync(matchId, cancellationToken) : outcome;
    }

    public async Task<IReadOnlyList<LiveMatch>> ListLiveAsync(CancellationToken cancellationToken)
    {
        var own = await memory.ListLiveAsync(cancellationToken);
        return connection.IsConnected ? [.. own, .. await redis.ListLiveAsync(cancellationToken)] : own;
    }

    public async Task<IReadOnlyList<OutboxEntry>> ReadAsync(int max, CancellationToken cancellationToken)
    {
        var own = await memory.ReadAsync(max, cancellationToken);
        return own.Count > 0 || !connection.IsConnected ? own : await redis.ReadAsync(max, cancellationToken);
    }

    public async Task TrimAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        await memory.TrimAsync(ids, cancellationToken);
        string[] shared = [.. ids.Where(id => !id.StartsWith("memory-", StringComparison.Ordinal))];
        if (shared.Length > 0)
        {
            await redis.TrimAsync(shared, cancellationToken);
        }
    }

    public Task WaitForEntriesAsync(CancellationToken cancellationToken) => signals.WaitForOutboxAsync(cancellationToken);

    /// <summary>
    /// Hands those who wait in memory to Redis, and answers the matches that this completed. Nobody is in neither queue at any time.
    /// </summary>
    private async Task<IReadOnlyList<MatchClaim>> HandBackAsync(CancellationToken cancellationToken)
    {
        if (memory.Waiting() is not { Count: > 0 } waiting)
        {
            return [];
        }

        var formed = new List<MatchClaim>();
        memory.Freeze(true);
        try
        {
            foreach (var player in waiting)
            {
                var outcome = await redis.JoinAsync(player.Id, player.Trace, player.Since, cancellationToken);
                if (outcome.Formed is not null)
                {
                    formed.Add(outcome.Formed);
                }

                // Whoever left in between leaves Redis again.
                if (!memory.Release(player))
                {
                    await redis.LeaveAsync(player.Id, cancellationToken);
                }
            }

            Log.HandedBack(logger, waiting.Count);
            return formed;
        }
        finally
        {
            memory.Freeze(false);
        }
    }

    private IMatchQueue QueueOf(string playerId) => memory.Holds(playerId) ? memory : Current;

    private async Task<bool> IsInMemoryAsync(Guid matchId, CancellationToken cancellationToken) =>
        (await memory.RenewAsync([matchId], cancellationToken)).Count == 0;

    private static partial class Log
    {
        [LoggerMessage(110, LogLevel.Information, "Redis is back: {Players} waiting players were handed to it")]
        public static partial void HandedBack(ILogger logger, int players);
    }
}
