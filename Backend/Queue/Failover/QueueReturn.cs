using GameStack.Backend.Queue.Memory;
using GameStack.Backend.Queue.Redis;
using GameStack.Backend.Records;

namespace GameStack.Backend.Queue.Failover;

/// <summary>
/// Brings Redis up to date when it is available again: with the matches that were formed in memory, with the players who still wait there,
/// and with the match ends that Redis missed. If Redis has lost data, also with everything that this backend knows from its ledger, its
/// servers and Postgres (<see cref="LostMatches"/>).
/// Every step may be repeated: an interrupted return starts over.
/// </summary>
internal sealed partial class QueueReturn(
    RedisState state, RedisMatchQueue redis, RedisReturn bring, RedisHeartbeat heartbeat, MemoryHandover memory, QueueLedger ledger,
    LostMatches lost, PlayerSigns signs, RememberedMatches remembered, QueueSignals signals, PlayerWaiters waiters, TimeProvider time,
    ILogger<QueueReturn> logger)
{
    private const int MatchesAtOnce = 500;
    private const int LeavesAtOnce = 100;

    /// <summary>When Redis was found to have lost data, if it is not fully restored yet: Redis reports the loss only once.</summary>
    private long? _lostAt;

    /// <summary>Redis has been brought up to date before. The first time, at startup, is not a return and not worth a log line.</summary>
    private bool _opened;

    /// <summary>
    /// Brings everything up to date and has Redis used again. While Redis serves, only tells it of the matches that have ended and the
    /// players who have left, and hands over those who have joined in memory, during the return.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (state.IsServing)
        {
            await TellEndsAsync(cancellationToken);
            await TellLeavesAsync(cancellationToken);
            await HandBackAsync(cancellationToken);
            return;
        }

        // A start that finds Redis at once is no outage, however long it takes.
        var (faults, seenLoss) = state.BeginReturn();
        var brief = faults == 0 || state.Outage < QueueLimits.BriefOutage;
        if (await bring.ReopenAsync(seenLoss, brief, cancellationToken))
        {
            _lostAt ??= time.GetTimestamp();
        }

        state.LossReported(faults);
        await heartbeat.SendAsync([], cancellationToken);
        var formed = await AdoptFormedAsync(cancellationToken);
        await BuryEndedAsync(cancellationToken); // Before joins are restored: those matches came of them.
        await CatchUpAsync(cancellationToken);
        var waiting = await HandBackAsync(cancellationToken);
        if (_opened && (_lostAt is not null || formed + waiting > 0))
        {
            Log.Returned(logger, _lostAt is not null ? "has lost data" : "is usable again", formed, waiting);
        }

        _lostAt = null;
        _opened = true;
        remembered.ForgetAnswers();
        state.Returned(faults);
    }

    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<Guid> unclear = [];
        if (_lostAt is { } lostAt)
        {
            var others = await lost.RestoreOwnAsync(lostAt, cancellationToken);
            others = await lost.RestoreOthersAsync(others, cancellationToken);
            await bring.EnqueueAsync(ledger.Joins, cancellationToken);
            unclear = await lost.RestoreLastAsync(others, lostAt, cancellationToken);
        }
        else
        {
            await CheckJoinsAsync(cancellationToken);
        }

        await TellEndsAsync(cancellationToken);
        await TellLeavesAsync(cancellationToken);
        await CheckMatchesAsync(unclear, cancellationToken);
    }

    /// <summary>Ends in Redis the matches that ended while it could not be told. One that Redis has lost must not come back.</summary>
    private async Task TellEndsAsync(CancellationToken cancellationToken)
    {
        foreach (var match in ledger.UntoldEnds)
        {
            var id = match.Record.SessionId;
            var outcome = await redis.EndAsync(id, match.Server, match.Record.EndedBy!, cancellationToken);
            var isOpen = outcome is EndOutcome.Unknown or EndOutcome.NotKnownYet or EndOutcome.NotStarted;
            if (!isOpen || await bring.BuryAsync(match.Record, cancellationToken))
            {
                ledger.Told(id);
            }
        }
    }

    private async Task TellLeavesAsync(CancellationToken cancellationToken)
    {
        foreach (var leaves in ledger.UntoldLeaves.ToArray().Chunk(LeavesAtOnce))
        {
            await Task.WhenAll(leaves.Select(async leave =>
            {
                await bring.LeaveAsync(leave.Key, leave.Value, cancellationToken);
                ledger.Told(leave);
            }));
        }
    }

    /// <summary>
    /// Hands the players who wait in memory to Redis, oldest first. Each player is always in at least one of the two queues, and no match
    /// forms in between.
    /// </summary>
    private async Task<int> HandBackAsync(CancellationToken cancellationToken)
    {
        await AdoptFormedAsync(cancellationToken);
        await BuryEndedAsync(cancellationToken);
        await WithdrawClaimedAsync(cancellationToken);
        if (memory.FreezeWaiting() is not { Count: > 0 } waiting)
        {
            return 0;
        }

        try
        {
            // Before the call: a match of these players may be published before the answer arrives.
            LedgerJoin[] joins = [.. waiting.Select(player => player.ToJoin())];
            Array.ForEach(joins, join => ledger.Joining(join));
            await bring.EnqueueAsync(joins, cancellationToken);
            LedgerJoin[] gone = [.. waiting.Where(player => !memory.Release(player)).Select(player => player.ToJoin())];
            Array.ForEach(gone, join => ledger.Forget(join.PlayerId));
            await bring.WithdrawAsync(gone, areInMemory: false, cancellationToken);
            return waiting.Count;
        }
        finally
        {
            memory.Thaw();
        }
    }

    /// <summary>
    /// A player whose match is about to get a server in memory may still wait in Redis, from before, and must not be matched there too.
    /// Meanwhile Redis does not know the player, so the other backends must not answer with 404. One who left through another backend, or
    /// is in a match there, goes out of the match in memory.
    /// </summary>
    private async Task WithdrawClaimedAsync(CancellationToken cancellationToken)
    {
        if (memory.Claimed() is not { Count: > 0 } claimed)
        {
            return;
        }

        var elsewhere = await bring.WithdrawAsync(claimed.Select(player => player.ToJoin()), areInMemory: true, cancellationToken);
        foreach (var player in claimed.IntersectBy(elsewhere, player => player.Id))
        {
            memory.Withdraw(player);
        }
    }

    /// <summary>Returns the number of matches.</summary>
    private async Task<int> AdoptFormedAsync(CancellationToken cancellationToken)
    {
        var formed = memory.LiveMatches();
        foreach (var match in formed)
        {
            await AdoptAsync(match, cancellationToken);
            if (!memory.Release(match.Record.SessionId))
            {
                // The match has ended meanwhile.
                var ended = memory.EndedMatches().FirstOrDefault(record => record.SessionId == match.Record.SessionId);
                await redis.EndAsync(match.Record.SessionId, match.Server, ended?.EndedBy ?? EndedBy.System, cancellationToken);
            }
        }

        return formed.Count;
    }

    private async Task AdoptAsync(LedgerMatch match, CancellationToken cancellationToken)
    {
        ledger.Assigned(match); // Before the call, which publishes who plays.
        try
        {
            await redis.AdoptAsync(match.Record, match.Server, cancellationToken);
        }
        catch (DependencyUnavailableException)
        {
            ledger.Unassign(match.Record.SessionId); // It is still in memory.
            throw;
        }
    }

    private async Task BuryEndedAsync(CancellationToken cancellationToken)
    {
        foreach (var match in memory.EndedMatches())
        {
            if (!await bring.BuryAsync(match, cancellationToken))
            {
                // Another backend has brought it back meanwhile.
                await redis.EndAsync(match.SessionId, onlyOn: null, match.EndedBy ?? EndedBy.System, cancellationToken);
            }

            memory.Forget(match.SessionId);
        }
    }

    /// <summary>
    /// Forgets joins that are no longer pending: this backend missed what was published meanwhile. A player whom only this backend has
    /// heard of meanwhile may have become silent to Redis, and waits again.
    /// </summary>
    private async Task CheckJoinsAsync(CancellationToken cancellationToken)
    {
        LedgerJoin[] joins = [.. ledger.Joins];
        List<LedgerJoin> again = [];
        foreach (var (join, state) in joins.Zip(await bring.FindAsync(joins.Select(join => join.PlayerId), cancellationToken)))
        {
            if (state.Phase == PlayerPhase.Unknown && signs.IsHeard(join.PlayerId))
            {
                again.Add(join);
            }
            else if (state.Phase != PlayerPhase.Pending)
            {
                ledger.Forget(join.PlayerId);
            }
        }

        await bring.EnqueueAsync(again, cancellationToken);
    }

    /// <summary>Forgets the matches that have ended meanwhile.</summary>
    /// <param name="unclear">Matches that Redis does not know although they may play on.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    private async Task CheckMatchesAsync(IReadOnlyList<Guid> unclear, CancellationToken cancellationToken)
    {
        var heard = ledger.Heard;
        foreach (var matches in ledger.KnownMatches.Except(unclear).Chunk(MatchesAtOnce))
        {
            var over = (await bring.FindMissedEndsAsync(matches, cancellationToken)).ToHashSet();
            foreach (var (match, players) in ledger.Drop(over, heard))
            {
                waiters.Publish(new MatchChange(players, PlayerState.Ended(match)));
                signals.MatchEnded(match);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Returned, LogLevel.Information,
            "Redis {How}: this backend has handed it {Matches} matches and {Players} waiting players from memory")]
        public static partial void Returned(ILogger logger, string how, int matches, int players);
    }
}
