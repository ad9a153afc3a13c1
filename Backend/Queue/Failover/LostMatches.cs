using GameStack.Backend.GameServers;
using GameStack.Backend.Queue.Redis;
using GameStack.Backend.Records;
using GameStack.ServiceDefaults.Timing;

namespace GameStack.Backend.Queue.Failover;

/// <summary>
/// Brings back the live matches that Redis has lost: those with a server whose players this backend or Postgres remembers. The queue of all
/// backends waits for it, but not for long: if the servers cannot be listed, it brings back what this backend remembers, and if Postgres is
/// slow, not all of the rest. A reconciler brings back the others once it can, and it never ends a server that the record of a match
/// without an end names.
/// </summary>
internal sealed partial class LostMatches(
    RedisMatchQueue redis, QueueLedger ledger, IGameServerFleet fleet, IMatchRecords records, TimeProvider time,
    ILogger<LostMatches> logger)
{
    private const string NoAnswer = "There was no answer in time.";

    /// <summary>
    /// How long the queue waits for the list and for the records. Shorter than the time after each try in which no server is ended for lack
    /// of a match (<see cref="RedisReturn"/>), so the remembered matches are back before that.
    /// </summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(8);

    /// <summary>
    /// How long the players who wait only in this backend's memory stay out of the queue for the records: those of them who are in a match
    /// must not get another one. Shorter than the time in which no match forms.
    /// </summary>
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(1);

    /// <summary>How long each of the two may take at least, even if Redis was unavailable again in between.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(2);

    /// <summary>Brings back the matches that this backend has assigned.</summary>
    /// <param name="lostAt">When the loss was found.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The servers of other matches, for <see cref="RestoreOthersAsync"/>.</returns>
    /// <exception cref="DependencyUnavailableException">Redis failed, or the servers cannot be listed yet: call again.</exception>
    public async Task<IReadOnlyList<RunningGameServer>> RestoreOwnAsync(long lostAt, CancellationToken cancellationToken)
    {
        var known = ledger.Matches.ToDictionary(match => match.Record.SessionId);
        if (await ListServersAsync(lostAt, cancellationToken) is not { } servers)
        {
            // Those that have ended meanwhile are ended by the reconciler, as servers that are gone.
            foreach (var match in known.Values)
            {
                await redis.AdoptAsync(match.Record, match.Server, cancellationToken);
            }

            return [];
        }

        var isOwn = servers.ToLookup(server => known.ContainsKey(server.MatchId));
        foreach (var server in isOwn[true])
        {
            var match = known[server.MatchId];
            await AdoptAsync(match.Record, match.Server == server ? match.Server : server, cancellationToken);
        }

        return [.. isOwn[false]];
    }

    /// <summary>Brings back the matches of these servers that a quick Postgres knows.</summary>
    /// <returns>The servers of which Postgres could not be asked in time, for <see cref="RestoreLastAsync"/>.</returns>
    /// <exception cref="DependencyUnavailableException">Redis failed: call again.</exception>
    public async Task<IReadOnlyList<RunningGameServer>> RestoreOthersAsync(
        IReadOnlyList<RunningGameServer> servers, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(Quick, time, cancellationToken);
        return (await RestoreAsync(servers, limit, cancellationToken)).Left;
    }

    /// <summary>Brings back the matches of these servers that Postgres knows, until the time for it is up.</summary>
    /// <returns>The matches of which Postgres could not be asked: their servers may play on.</returns>
    /// <exception cref="DependencyUnavailableException">Redis failed: call again.</exception>
    public async Task<IReadOnlyList<Guid>> RestoreLastAsync(
        IReadOnlyList<RunningGameServer> servers, long lostAt, CancellationToken cancellationToken)
    {
        using var limit = Limit(lostAt, cancellationToken);
        var (left, why) = await RestoreAsync(servers, limit, cancellationToken);
        if (left.Count > 0)
        {
            Log.NotRestored(logger, left[0].MatchId, why);
        }

        return [.. left.Select(server => server.MatchId)];
    }

    private async Task<(IReadOnlyList<RunningGameServer> Left, string Why)> RestoreAsync(
        IReadOnlyList<RunningGameServer> servers, TimeLimit limit, CancellationToken cancellationToken)
    {
        for (var i = 0; i < servers.Count; i++)
        {
            MatchRecord? record;
            try
            {
                limit.Token.ThrowIfCancellationRequested();
                record = await records.FindAsync(servers[i].MatchId, limit.Token);
            }
            catch (Exception e) when (e is DependencyUnavailableException || (e is OperationCanceledException && limit.HasExpired))
            {
                // The queue cannot wait for Postgres; the reconciler can.
                return ([.. servers.Skip(i)], e is DependencyUnavailableException ? e.Message : NoAnswer);
            }

            await AdoptAsync(record, servers[i], cancellationToken);
        }

        return ([], "");
    }

    /// <summary>A match may have taken a second server in vain, which its record does not name.</summary>
    private async Task AdoptAsync(MatchRecord? record, RunningGameServer server, CancellationToken cancellationToken)
    {
        if (record is { EndedAt: null } && record.GameServerPod == server.Name)
        {
            await redis.AdoptAsync(record, server, cancellationToken);
        }
    }

    private TimeLimit Limit(long lostAt, CancellationToken cancellationToken)
    {
        var left = Longest - time.GetElapsedTime(lostAt);
        return new TimeLimit(left > Shortest ? left : Shortest, time, cancellationToken);
    }

    /// <summary>Returns null if this backend has tried for long enough.</summary>
    private async Task<IReadOnlyList<RunningGameServer>?> ListServersAsync(long lostAt, CancellationToken cancellationToken)
    {
        using var limit = Limit(lostAt, cancellationToken);
        try
        {
            return await fleet.ListAsync(limit.Token);
        }
        catch (DependencyUnavailableException e) when (time.GetElapsedTime(lostAt) >= Longest)
        {
            Log.NotListed(logger, e.Message);
        }
        catch (OperationCanceledException) when (limit.HasExpired)
        {
            Log.NotListed(logger, NoAnswer);
        }

        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotListed, LogLevel.Warning,
            "Redis has lost data, and this backend cannot list the game servers; restoring only the matches that it remembers: {Reason}")]
        public static partial void NotListed(ILogger logger, string reason);

        [LoggerMessage(EventIds.NotRestored, LogLevel.Warning,
            "Cannot restore match {MatchId}, and perhaps others, yet; their servers keep running: {Reason}")]
        public static partial void NotRestored(ILogger logger, Guid matchId, string reason);
    }
}
