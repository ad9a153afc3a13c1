using GameStack.Backend.GameServers;
using GameStack.Backend.Queue.Memory;
using GameStack.Backend.Queue.Redis;
using GameStack.Backend.Records;

namespace GameStack.Backend.Queue.Failover;

/// <summary>
/// Brings Redis up to date when it is available again: with the matches that were formed in memory, with the players who still wait there,
/// and with the match ends that Redis missed. If Redis came back empty, also with everything that this backend knows from its ledger, its
/// servers and Postgres.
/// Every step may be repeated: an interrupted return starts over.
/// </summary>
internal sealed partial class QueueReturn(
    RedisMatchQueue redis, RedisReturn bring, MemoryHandover memory, QueueLedger ledger, IGameServerFleet fleet, IMatchRecords records,
    ILogger<QueueReturn> logger)
{
    /// <summary>Redis came back empty and is not fully restored yet. Kept here because Redis reports the loss only once.</summary>
    private bool _lost;

    /// <summary>Redis has been brought up to date before. The first time, at startup, is not a return and not worth a log line.</summary>
    private bool _opened;

    /// <summary>Brings everything up to date before Redis is used again.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _lost |= await bring.ReopenAsync(cancellationToken);
        var lost = _lost;
        var formed = memory.LiveMatches();
        await AdoptFormedAsync(cancellationToken);
        if (lost)
        {
            await RestoreMatchesAsync(cancellationToken);
            await RestoreJoinsAsync(cancellationToken);
            _lost = false;
        }
        else
        {
            await CheckJoinsAsync(cancellationToken);
        }

        foreach (var match in ledger.UntoldEnds)
        {
            await redis.EndAsync(match.Record.SessionId, match.Server, cancellationToken);
            ledger.Told(match.Record.SessionId);
        }

        var waiting = await HandBackAsync(cancellationToken);
        if (_opened || lost || formed.Count + waiting > 0)
        {
            Log.Returned(logger, lost ? "came back empty" : "is back", formed.Count, waiting);
        }

        _opened = true;
    }

    /// <summary>
    /// Hands the players who wait in memory to Redis, oldest first. Each player is always in at least one of the two queues, and no match
    /// forms in between.
    /// </summary>
    public async Task<int> HandBackAsync(CancellationToken cancellationToken)
    {
        await AdoptFormedAsync(cancellationToken);
        await BuryEndedAsync(cancellationToken);
        if (memory.Waiting() is not { Count: > 0 } waiting)
        {
            return 0;
        }

        memory.Freeze(true);
        try
        {
            foreach (var player in waiting)
            {
                await bring.EnqueueAsync(player.Id, player.Trace, player.Since, cancellationToken);
                ledger.Joining(player.Id, player.Trace);
                if (!memory.Release(player))
                {
                    await redis.LeaveAsync(player.Id, cancellationToken);
                }
            }

            return waiting.Count;
        }
        finally
        {
            memory.Freeze(false);
        }
    }

    private async Task AdoptFormedAsync(CancellationToken cancellationToken)
    {
        foreach (var match in memory.LiveMatches())
        {
            await bring.AdoptAsync(match.Record, match.Server, cancellationToken);
            ledger.Assigned(match);
            if (!memory.Release(match.Record.SessionId))
            {
                await redis.EndAsync(match.Record.SessionId, match.Server, cancellationToken); // The match has ended meanwhile.
            }
        }
    }

    private async Task BuryEndedAsync(CancellationToken cancellationToken)
    {
        foreach (var match in memory.EndedMatches())
        {
            await bring.BuryAsync(match, cancellationToken);
            memory.Forget(match.SessionId);
        }
    }

    private async Task RestoreMatchesAsync(CancellationToken cancellationToken)
    {
        var known = ledger.Matches.ToDictionary(match => match.Record.SessionId);
        foreach (var server in await fleet.ListAsync(cancellationToken))
        {
            var record = known.TryGetValue(server.MatchId, out var match) ? match.Record : await FindRecordAsync(server.MatchId, cancellationToken);
            if (record is { EndedAt: null })
            {
                await bring.AdoptAsync(record, server, cancellationToken);
            }
        }
    }

    /// <summary>Returns null also while Postgres is unavailable: the queue cannot wait for it.</summary>
    private async Task<MatchRecord?> FindRecordAsync(Guid matchId, CancellationToken cancellationToken)
    {
        try
        {
            return await records.FindAsync(matchId, cancellationToken);
        }
        catch (DependencyUnavailableException e)
        {
            Log.NotRestored(logger, matchId, e.Message);
            return null;
        }
    }

    private async Task RestoreJoinsAsync(CancellationToken cancellationToken)
    {
        foreach (var join in ledger.Joins)
        {
            await bring.EnqueueAsync(join.PlayerId, join.TraceParent, join.Since, cancellationToken);
        }
    }

    /// <summary>
    /// Forgets joins that are no longer pending. Redis has kept everything, but this backend missed what was published meanwhile.
    /// </summary>
    private async Task CheckJoinsAsync(CancellationToken cancellationToken)
    {
        foreach (var join in ledger.Joins)
        {
            if ((await redis.FindAsync(join.PlayerId, cancellationToken)).Phase != PlayerPhase.Pending)
            {
                ledger.Forget(join.PlayerId);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(110, LogLevel.Information, "Redis {How}: {Matches} matches and {Players} waiting players of this backend's memory were handed to it")]
        public static partial void Returned(ILogger logger, string how, int matches, int players);

        [LoggerMessage(111, LogLevel.Warning, "Match {MatchId} has a server, but its players are unknown: {Reason}")]
        public static partial void NotRestored(ILogger logger, Guid matchId, string reason);
    }
}
