using GameStack.Backend.GameServers;
using GameStack.Backend.Queue.Memory;
using GameStack.Backend.Queue.Redis;
using GameStack.Backend.Records;

namespace GameStack.Backend.Queue.Failover;

/// <summary>
/// Uses Redis while it serves. When it does not, calls fail for a moment; then this backend matches new players in its own memory. When
/// Redis is usable again, <see cref="QueueReturn"/> brings it up to date before it is used. A call that Redis aborted has an unknown
/// outcome: it fails, and is not repeated in memory.
/// </summary>
internal sealed class FailoverMatchQueue(
    RedisState state, RedisMatchQueue redis, InMemoryMatchQueue memory, MemoryHandover handover, QueueLedger ledger,
    QueueReturn queueReturn, RememberedMatches remembered, FailoverEnd end, QueueSignals signals) : IMatchQueue
{
    public string Source => state.IsServing ? redis.Source : memory.Source;

    public async Task<JoinOutcome> JoinAsync(string playerId, string traceParent, CancellationToken cancellationToken)
    {
        if (handover.Holds(playerId))
        {
            return await memory.JoinAsync(playerId, traceParent, cancellationToken);
        }

        if (state.IsServing)
        {
            return await JoinRedisAsync(playerId, traceParent, cancellationToken);
        }

        var earlier = await remembered.FindAsync(playerId, cancellationToken);
        if (earlier is { Phase: PlayerPhase.Matched })
        {
            return new JoinOutcome(earlier, Formed: null);
        }

        // A server that did not answer once may be there all the same, and its players must not get a second match.
        if (state.Outage < QueueLimits.Patience || (earlier is not null && !remembered.IsOver(earlier.MatchId)))
        {
            throw Unavailable();
        }

        var outcome = await memory.JoinAsync(playerId, traceParent, cancellationToken);
        ledger.JoinsAgain(playerId);
        ledger.ForgetMatched(playerId, earlier?.MatchId);
        return outcome;
    }

    /// <exception cref="DependencyUnavailableException">
    /// Redis is unavailable, and only Redis knows whether the player waits there.
    /// </exception>
    public async Task<LeaveOutcome> LeaveAsync(string playerId, CancellationToken cancellationToken)
    {
        var inMemory = handover.Holds(playerId);
        if (!inMemory && !state.IsServing)
        {
            return await remembered.FindAsync(playerId, cancellationToken) is { Phase: PlayerPhase.Matched } matched
                ? new LeaveOutcome(matched.MatchId, Left: false)
                : throw Unavailable();
        }

        ledger.Forget(playerId);
        var left = inMemory ? await memory.LeaveAsync(playerId, cancellationToken) : new LeaveOutcome(LiveMatch: null, Left: false);
        if (left.Left)
        {
            // Redis may have an earlier join: one that was made before the outage, or whose answer was lost.
            ledger.Left(playerId);
            signals.WakeQueue(); // If Redis is usable, it is told at once.
            return left;
        }

        // A player who is not in memory any more has just been handed over to Redis.
        return left.LiveMatch is null ? await redis.LeaveAsync(playerId, cancellationToken) : left;
    }

    public async Task<PlayerState> FindAsync(string playerId, CancellationToken cancellationToken)
    {
        var (serving, heard) = (state.IsServing, ledger.Heard);
        var found = await (serving && !handover.Holds(playerId) ? (IMatchQueue)redis : memory).FindAsync(playerId, cancellationToken);
        if (serving)
        {
            ledger.Found(playerId, found, heard);
        }

        if (found.Phase == PlayerPhase.Unknown && serving)
        {
            found = await memory.FindAsync(playerId, cancellationToken);
        }

        // Redis or another backend's memory may know the player, so do not report the player as unknown.
        return found.Phase == PlayerPhase.Unknown && !serving
            ? await remembered.FindAsync(playerId, cancellationToken) ?? PlayerState.Pending
            : found;
    }

    public async Task<IReadOnlyCollection<string>> HearAsync(
        IReadOnlyCollection<string> players, CancellationToken cancellationToken)
    {
        var elsewhere = await memory.HearAsync(players, cancellationToken);
        if (!state.IsServing)
        {
            return elsewhere;
        }

        try
        {
            return [.. (await redis.HearAsync(players, cancellationToken)).Intersect(elsewhere, StringComparer.Ordinal)];
        }
        catch (DependencyUnavailableException)
        {
            return elsewhere; // After an outage, silence counts from the return.
        }
    }

    public async Task<QueueAdvance> AdvanceAsync(CancellationToken cancellationToken)
    {
        // First, even if Redis fails: only this backend can match the players in its memory. Their claims have no lease that
        // expires if the next call fails, so they are returned on their own.
        var own = await memory.AdvanceAsync(cancellationToken);
        if (own.Claims.Count > 0)
        {
            return own with { NextDue = TimeSpan.Zero };
        }

        try
        {
            await queueReturn.RunAsync(cancellationToken);
            return await redis.AdvanceAsync(cancellationToken);
        }
        catch (DependencyUnavailableException)
        {
            return own; // The next heartbeat tries again.
        }
    }

    public async Task ReturnAsync(CancellationToken cancellationToken)
    {
        try
        {
            await queueReturn.RunAsync(cancellationToken);
        }
        catch (DependencyUnavailableException)
        {
            // The next heartbeat tries again.
        }
    }

    public async Task<IReadOnlyList<Guid>> RenewAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken)
    {
        var elsewhere = await memory.RenewAsync(claims, cancellationToken);
        if (!state.IsServing)
        {
            signals.WakeQueue();
        }

        try
        {
            return await redis.RenewAsync(elsewhere, cancellationToken);
        }
        catch (DependencyUnavailableException)
        {
            return []; // Whether they are lost is unknown.
        }
    }

    public async Task<bool> AssignAsync(MatchClaim claim, RunningGameServer server, CancellationToken cancellationToken)
    {
        if (claim.IsInMemory)
        {
            return await memory.AssignAsync(claim, server, cancellationToken);
        }

        // Before the call: the change that it publishes may arrive, and the match may even end, before the answer arrives.
        ledger.Assigning(claim, server);
        var assigned = await redis.AssignAsync(claim, server, cancellationToken);
        if (assigned)
        {
            ledger.Confirm(claim.MatchId);
        }
        else
        {
            ledger.Unassign(claim.MatchId);
        }

        return assigned;
    }

    public Task<int?> RetryAsync(MatchClaim claim, CancellationToken cancellationToken) =>
        QueueOf(claim).RetryAsync(claim, cancellationToken);

    public Task HandOverAsync(MatchClaim claim, CancellationToken cancellationToken) =>
        QueueOf(claim).HandOverAsync(claim, cancellationToken);

    public async Task<bool> CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await queueReturn.RunAsync(cancellationToken);
            return await redis.CloseAsync(cancellationToken);
        }
        catch (DependencyUnavailableException)
        {
            return handover.IsEmpty;
        }
    }

    public Task<EndOutcome> EndAsync(Guid matchId, RunningGameServer? onlyOn, string endedBy, CancellationToken cancellationToken) =>
        end.RunAsync(matchId, onlyOn, endedBy, cancellationToken);

    /// <summary>A match that this backend brings back itself, or whose end it remembers, is left alone.</summary>
    public async Task<bool> AdoptAsync(MatchRecord match, RunningGameServer server, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(match);
        return state.IsServing && !handover.Holds(match.SessionId) && !ledger.IsUntoldEnd(match.SessionId)
            && await redis.AdoptAsync(match, server, cancellationToken);
    }

    public async Task<long> CountLiveAsync(CancellationToken cancellationToken) =>
        await memory.CountLiveAsync(cancellationToken)
        + (state.IsServing ? await redis.CountLiveAsync(cancellationToken) : ledger.Matches.LongCount());

    public async Task<MatchList> FindMatchesAsync(IReadOnlyCollection<Guid> matches, CancellationToken cancellationToken)
    {
        var own = await memory.FindMatchesAsync(matches, cancellationToken);
        var other = state.IsServing
            ? await redis.FindMatchesAsync(matches, cancellationToken)
            : new MatchList(
                [.. ledger.LiveMatches().Where(match => matches.Contains(match.Server.MatchId))], Claimed: [], IsComplete: false);
        return other with { Live = [.. own.Live, .. other.Live], Claimed = [.. own.Claimed, .. other.Claimed] };
    }

    public async Task<MatchPage?> ListPageAsync(Guid? after, int limit, CancellationToken cancellationToken)
    {
        ListedMatch[] own = [.. handover.LiveMatches().Select(match => ListedMatch.Of(match.Server))];
        if (!state.IsServing)
        {
            return MatchPage.Of([.. own, .. ledger.Matches.Select(match => ListedMatch.Of(match.Server))], after, limit, isComplete: false);
        }

        var page = await redis.ListPageAsync(after, limit, cancellationToken);
        if (page is null or { Next: not null } || own.Length == 0)
        {
            return page;
        }

        // Matches that were formed in memory during the return come last, even beyond the limit: Redis knows no place of theirs to go on
        // from, and they are about to be the last there.
        return page with { Live = [.. page.Live.Union(own)] };
    }

    private IMatchQueue QueueOf(MatchClaim claim) => claim.IsInMemory ? memory : redis;

    private DependencyUnavailableException Unavailable() =>
        new("Redis", state.Reason ?? "It is being brought up to date.") { Outage = state.Outage };

    private async Task<JoinOutcome> JoinRedisAsync(string playerId, string traceParent, CancellationToken cancellationToken)
    {
        // Before the call: the match may end, and its ledger entry be removed, before the answer arrives.
        var (added, heard) = (ledger.Joining(playerId, traceParent), ledger.Heard);
        var pending = false;
        try
        {
            var outcome = await redis.JoinAsync(playerId, traceParent, cancellationToken);
            pending = outcome.State.Phase == PlayerPhase.Pending;
            ledger.Found(playerId, outcome.State, heard);
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
}
