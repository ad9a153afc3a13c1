using GameStack.Backend.GameServers;
using GameStack.Backend.Queue.Memory;
using GameStack.Backend.Queue.Redis;

namespace GameStack.Backend.Queue.Failover;

/// <summary>
/// Uses Redis while it is usable, and this backend's memory otherwise. When Redis is available again, <see cref="QueueReturn"/> brings it
/// up to date before it is used. A call that Redis aborted has an unknown outcome: it fails, and is not repeated in memory.
/// </summary>
internal sealed class FailoverMatchQueue(
    QueueSwitch uses, RedisMatchQueue redis, InMemoryMatchQueue memory, MemoryHandover handover, MemoryOutbox outbox, QueueLedger ledger,
    QueueReturn queueReturn, PlayerWaiters waiters) : IMatchQueue
{
    public string Source => Current.Source;

    public bool ListsAllBackends => uses.Redis;

    private IMatchQueue Current => uses.Redis ? redis : memory;

    public async Task<JoinOutcome> JoinAsync(string playerId, string traceParent, CancellationToken cancellationToken)
    {
        if (!uses.Redis && ledger.FindMatched(playerId) is { } matched)
        {
            return new JoinOutcome(matched, Formed: null);
        }

        return QueueOf(playerId) == memory
            ? await memory.JoinAsync(playerId, traceParent, cancellationToken)
            : await JoinRedisAsync(playerId, traceParent, cancellationToken);
    }

    /// <exception cref="DependencyUnavailableException">
    /// Redis is unavailable, and only Redis knows whether the player waits there.
    /// </exception>
    public Task<LeaveOutcome> LeaveAsync(string playerId, CancellationToken cancellationToken)
    {
        if (!handover.Holds(playerId) && !uses.Redis)
        {
            return ledger.FindMatched(playerId) is { } matched
                ? Task.FromResult(new LeaveOutcome(matched.MatchId, Left: false))
                : throw new DependencyUnavailableException("Redis", "the player may be waiting there.");
        }

        ledger.Forget(playerId);
        return QueueOf(playerId).LeaveAsync(playerId, cancellationToken);
    }

    public async Task<PlayerState> FindAsync(string playerId, CancellationToken cancellationToken)
    {
        var state = await QueueOf(playerId).FindAsync(playerId, cancellationToken);
        if (state.Phase == PlayerPhase.Unknown)
        {
            state = await memory.FindAsync(playerId, cancellationToken);
        }

        // Redis or another backend's memory may know the player, so do not report the player as unknown.
        return state.Phase == PlayerPhase.Unknown && !uses.Redis ? ledger.FindMatched(playerId) ?? PlayerState.Pending : state;
    }

    public async Task<QueueAdvance> AdvanceAsync(CancellationToken cancellationToken)
    {
        if (!uses.IsConnected)
        {
            return await memory.AdvanceAsync(cancellationToken);
        }

        if (uses.Redis)
        {
            await queueReturn.HandBackAsync(cancellationToken); // Players may have joined in memory during the return.
        }
        else
        {
            await queueReturn.RunAsync(cancellationToken);
            uses.Returned();
        }

        // The memory's claims have no lease that expires if the next call fails, so they are returned on their own.
        var own = await memory.AdvanceAsync(cancellationToken);
        return own.Claims.Count > 0 ? own with { NextDue = TimeSpan.Zero } : await redis.AdvanceAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<Guid>> RenewAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken)
    {
        var elsewhere = await memory.RenewAsync(claims, cancellationToken);
        return uses.IsConnected ? await redis.RenewAsync(elsewhere, cancellationToken) : [];
    }

    public async Task<bool> AssignAsync(MatchClaim claim, RunningGameServer server, CancellationToken cancellationToken)
    {
        if (await memory.AssignAsync(claim, server, cancellationToken))
        {
            return true;
        }

        // Before the call: the change that it publishes may arrive, and the match may even end, before the answer arrives.
        ledger.Assigned(claim, server);
        var assigned = await redis.AssignAsync(claim, server, cancellationToken);
        if (!assigned)
        {
            ledger.Unassign(claim.MatchId);
        }

        return assigned;
    }

    public async Task<int?> RetryAsync(MatchClaim claim, CancellationToken cancellationToken) =>
        handover.Holds(claim.MatchId)
            ? await memory.RetryAsync(claim, cancellationToken)
            : await redis.RetryAsync(claim, cancellationToken);

    public Task HandOverAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken) =>
        uses.IsConnected ? redis.HandOverAsync(claims, cancellationToken) : Task.CompletedTask;

    public async Task<EndOutcome> EndAsync(Guid matchId, RunningGameServer? onlyOn, CancellationToken cancellationToken)
    {
        var outcome = await memory.EndAsync(matchId, onlyOn, cancellationToken);
        var asked = outcome == EndOutcome.Unknown && uses.Redis;
        if (asked)
        {
            outcome = await redis.EndAsync(matchId, onlyOn, cancellationToken);
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

        if (EndWithoutRedis(matchId, onlyOn))
        {
            return EndOutcome.Ended;
        }

        if (ledger.IsUntoldEnd(matchId))
        {
            return EndOutcome.AlreadyEnded;
        }

        if (asked)
        {
            return outcome;
        }

        outcome = await redis.EndAsync(matchId, onlyOn, cancellationToken);
        return outcome == EndOutcome.Unknown ? EndOutcome.NotKnownYet : outcome;
    }

    public async Task<IReadOnlyList<LiveMatch>> ListLiveAsync(CancellationToken cancellationToken)
    {
        var own = await memory.ListLiveAsync(cancellationToken);
        return uses.Redis
            ? [.. own, .. await redis.ListLiveAsync(cancellationToken)]
            : [.. own, .. ledger.LiveMatches()];
    }

    public async Task<IReadOnlyList<Guid>> ListClaimedAsync(CancellationToken cancellationToken)
    {
        var own = await memory.ListClaimedAsync(cancellationToken);
        return uses.Redis ? [.. own, .. await redis.ListClaimedAsync(cancellationToken)] : own;
    }

    private async Task<JoinOutcome> JoinRedisAsync(string playerId, string traceParent, CancellationToken cancellationToken)
    {
        // Before the call: the match may end, and its ledger entry be removed, before the answer arrives.
        var added = ledger.Joining(playerId, traceParent);
        var pending = false;
        try
        {
            var outcome = await redis.JoinAsync(playerId, traceParent, cancellationToken);
            pending = outcome.State.Phase == PlayerPhase.Pending;
            return outcome;
        }
        finally
        {
            if (added && !pending)
            {
                ledger.Forget(playerId);
            }
        }
    }

    /// <summary>
    /// Ends a match that this backend assigned, when Redis cannot be told or has forgotten the match. This backend then notifies the
    /// players and Postgres.
    /// </summary>
    private bool EndWithoutRedis(Guid matchId, RunningGameServer? onlyOn)
    {
        if (ledger.End(matchId, onlyOn) is not { } record)
        {
            return false;
        }

        outbox.Write(record);
        waiters.Publish(new MatchChange(record.Players, PlayerState.Ended(matchId)));
        return true;
    }

    private IMatchQueue QueueOf(string playerId) => handover.Holds(playerId) ? memory : Current;
}
