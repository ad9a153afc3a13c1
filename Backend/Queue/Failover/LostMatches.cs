using GameStack.Backend.GameServers;
using GameStack.Backend.Queue.Redis;
using GameStack.Backend.Records;
using GameStack.ServiceDefaults.Timing;

namespace GameStack.Backend.Queue.Failover;

/// <summary>
/// Brings back the live matches that Redis has lost: those with a server whose players this backend or Postgres remembers. The queue of all
/// backends waits for it. If the servers cannot be listed for a while, it brings back what this backend remembers. A reconciler brings back
/// the others once it can list their servers, and it never ends a server that the record of a match without an end names.
/// </summary>
internal sealed partial class LostMatches(
    RedisMatchQueue redis, QueueLedger ledger, IGameServerFleet fleet, IMatchRecords records, TimeProvider time,
    ILogger<LostMatches> logger)
{
    /// <summary>
    /// How long the queue waits for the list. Shorter than the time after each try in which no server is ended for lack of a match
    /// (<see cref="RedisReturn"/>), so the remembered matches are back before that.
    /// </summary>
    private static readonly TimeSpan LongestListing = TimeSpan.FromSeconds(8);

    /// <summary>How long a try takes at least, even if Redis was unavailable again in between.</summary>
    private static readonly TimeSpan ShortestListing = TimeSpan.FromSeconds(2);

    /// <param name="lostAt">When the loss was found.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="DependencyUnavailableException">Redis failed, or the servers cannot be listed yet: call again.</exception>
    public async Task RestoreAsync(long lostAt, CancellationToken cancellationToken)
    {
        var known = ledger.Matches.ToDictionary(match => match.Record.SessionId);
        if (await ListServersAsync(lostAt, cancellationToken) is not { } servers)
        {
            // Those that have ended meanwhile are ended by the reconciler, as servers that are gone.
            foreach (var match in known.Values)
            {
                await redis.AdoptAsync(match.Record, match.Server, cancellationToken);
            }

            return;
        }

        // Those that need no Postgres come first. A match may have taken a second server in vain, which its record does not name.
        var areRecordsKnown = true;
        foreach (var server in servers.OrderByDescending(server => known.ContainsKey(server.MatchId)))
        {
            var match = known.GetValueOrDefault(server.MatchId);
            var record = match?.Record ?? (areRecordsKnown ? await FindRecordAsync(server.MatchId) : null);
            if (record is { EndedAt: null } && record.GameServerPod == server.Name)
            {
                await redis.AdoptAsync(record, match?.Server == server ? match.Server : server, cancellationToken);
            }
        }

        async Task<MatchRecord?> FindRecordAsync(Guid matchId)
        {
            try
            {
                return await records.FindAsync(matchId, cancellationToken);
            }
            catch (DependencyUnavailableException e)
            {
                // The queue cannot wait for Postgres; the reconciler can.
                areRecordsKnown = false;
                Log.NotRestored(logger, matchId, e.Message);
                return null;
            }
        }
    }

    /// <summary>Returns null if this backend has tried for long enough.</summary>
    private async Task<IReadOnlyList<RunningGameServer>?> ListServersAsync(long lostAt, CancellationToken cancellationToken)
    {
        var left = LongestListing - time.GetElapsedTime(lostAt);
        using var limit = new TimeLimit(left > ShortestListing ? left : ShortestListing, time, cancellationToken);
        try
        {
            return await fleet.ListAsync(limit.Token);
        }
        catch (DependencyUnavailableException e) when (time.GetElapsedTime(lostAt) >= LongestListing)
        {
            Log.NotListed(logger, e.Message);
        }
        catch (OperationCanceledException) when (limit.HasExpired)
        {
            Log.NotListed(logger, "There was no answer in time.");
        }

        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotListed, LogLevel.Warning,
            "Redis has lost data, and this backend cannot list the game servers; restoring only the matches that it remembers: {Reason}")]
        public static partial void NotListed(ILogger logger, string reason);

        [LoggerMessage(EventIds.NotRestored, LogLevel.Warning,
            "Match {MatchId}, and perhaps others, have servers, but their players are not known yet: {Reason}")]
        public static partial void NotRestored(ILogger logger, Guid matchId, string reason);
    }
}
