using GameStack.Backend.GameServers;
using GameStack.Backend.Queue.Memory;
using GameStack.Backend.Queue.Redis;

namespace GameStack.Backend.Queue.Failover;

/// <summary>Ends a match wherever it is known: in this backend's memory, in Redis, or only in what this backend remembers.</summary>
internal sealed class FailoverEnd(
    RedisState state, RedisMatchQueue redis, InMemoryMatchQueue memory, MemoryOutbox outbox, QueueLedger ledger, PlayerWaiters waiters)
{
    /// <inheritdoc cref="IMatchQueue.EndAsync"/>
    public async Task<EndOutcome> RunAsync(
        Guid matchId, RunningGameServer? onlyOn, string endedBy, CancellationToken cancellationToken)
    {
        var outcome = await memory.EndAsync(matchId, onlyOn, endedBy, cancellationToken);
        var asked = outcome == EndOutcome.Unknown && state.IsServing;
        if (asked)
        {
            outcome = await redis.EndAsync(matchId, onlyOn, endedBy, cancellationToken);
        }

        if (outcome is EndOutcome.Ended or EndOutcome.AlreadyEnded)
        {
            ledger.Unassign(matchId);
        }
        else if (outcome == EndOutcome.OnOtherServer && onlyOn is not null)
        {
            ledger.Unassign(onlyOn);
        }

        if (outcome is not (EndOutcome.Unknown or EndOutcome.NotKnownYet))
        {
            return outcome;
        }

        if (EndWithoutRedis(matchId, onlyOn, endedBy))
        {
            return EndOutcome.Ended;
        }

        if (ledger.IsUntoldEnd(matchId))
        {
            return EndOutcome.AlreadyEnded;
        }

        if (onlyOn is not null)
        {
            ledger.Unassign(onlyOn); // Whether Redis assigned the match is unknown, but its server is gone.
        }

        if (asked)
        {
            return outcome;
        }

        outcome = await redis.EndAsync(matchId, onlyOn, endedBy, cancellationToken);
        return outcome == EndOutcome.Unknown ? EndOutcome.NotKnownYet : outcome;
    }

    /// <summary>
    /// Ends a match that this backend assigned, when Redis cannot be told or has forgotten the match. This backend then notifies the
    /// players and Postgres.
    /// </summary>
    private bool EndWithoutRedis(Guid matchId, RunningGameServer? onlyOn, string endedBy)
    {
        if (ledger.End(matchId, onlyOn, endedBy) is not { } record)
        {
            return false;
        }

        outbox.Write(record);
        waiters.Publish(new MatchChange(record.Players, PlayerState.Ended(matchId)));
        return true;
    }
}
