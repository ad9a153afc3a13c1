using GameStack.Backend.Background;
using GameStack.Backend.GameServers;
using GameStack.Backend.Life;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Matches;

/// <summary>
/// Regularly compares servers with matches, both ways. Ends a server that has no match, and a match that has no server.
/// Leaves recent ones alone, because a step may be under way.
/// </summary>
internal sealed partial class Reconciler(
    IMatchQueue queue, IGameServerFleet fleet, MatchAssigner assigner, IMatchRecords records, BackendIdentity identity,
    QueueSignals signals, MatchLife life, TimeProvider time, IOptions<MatchmakingOptions> options, ILogger<Reconciler> logger)
    : RepeatingService("compare servers and matches", time, logger, options.Value.Reconcile)
{
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(5);

    /// <summary>Servers that had no match in the last comparison. A server is ended only if it still has none in the next one.</summary>
    private HashSet<RunningGameServer> _suspects = [];

    /// <summary>Ends every server that has no match now. Returns their number, or null while this backend cannot see all matches.</summary>
    public async Task<int?> EndOrphanedServersAsync(CancellationToken cancellationToken)
    {
        if (await FindOrphansAsync(cancellationToken) is not { } orphans)
        {
            return null;
        }

        await EndAsync(orphans, cancellationToken);
        return orphans.Count;
    }

    protected override async Task RunRoundAsync(CancellationToken stoppingToken)
    {
        signals.WakeOutbox(); // The usual wake-up is published, so it can be lost.
        await EndLostMatchesAsync(stoppingToken);

        var orphans = await FindOrphansAsync(stoppingToken) ?? [];
        await EndAsync(orphans.Where(_suspects.Contains), stoppingToken);
        _suspects = [.. orphans];
    }

    private async Task EndLostMatchesAsync(CancellationToken cancellationToken)
    {
        var matches = await queue.ListAsync(cancellationToken);
        if (!matches.IsComplete)
        {
            return; // The list may lack matches.
        }

        var servers = (await fleet.ListAsync(cancellationToken)).ToHashSet();
        foreach (var match in matches.Live.Where(match => match.Age > Young && !servers.Contains(match.Server)))
        {
            if (await fleet.IsGoneAsync(match.Server, OwnerOf(match), cancellationToken)
                && await queue.EndAsync(match.Server.MatchId, match.Server, EndedBy.System, cancellationToken) == EndOutcome.Ended)
            {
                life.Announce(new MatchStep.Ended(match.Server.MatchId, MatchEnd.ServerLost));
            }
        }
    }

    private async Task EndAsync(IEnumerable<RunningGameServer> orphans, CancellationToken cancellationToken)
    {
        foreach (var orphan in orphans)
        {
            Log.Orphan(Logger, orphan.Name, orphan.MatchId);
            await fleet.EndAsync(orphan, cancellationToken);
        }
    }

    private ServerOwner OwnerOf(LiveMatch match)
    {
        if (match.Owner == identity.Owner)
        {
            return ServerOwner.ThisBackend;
        }

        return match.OwnerAlive ? ServerOwner.AnotherBackend : ServerOwner.SilentBackend;
    }

    /// <summary>Null while it is unknown which matches there are.</summary>
    private async Task<IReadOnlyList<RunningGameServer>?> FindOrphansAsync(CancellationToken cancellationToken)
    {
        // The order matters: a server appears after its claim, and a claim disappears only once its match is live.
        var servers = await fleet.ListAsync(cancellationToken);
        var held = assigner.Held.ToHashSet();
        var matches = await queue.ListAsync(cancellationToken);
        if (!matches.IsComplete)
        {
            return null;
        }

        var claimed = matches.Claimed.Concat(held).ToHashSet();
        var live = matches.Live.Select(match => match.Server).ToHashSet();
        List<RunningGameServer> orphans = [];
        foreach (var server in servers.Where(server => !live.Contains(server) && !claimed.Contains(server.MatchId)))
        {
            // A backend that is cut off from Redis may have formed the match in its memory. Then its record is in Postgres, without an end.
            if (await records.FindAsync(server.MatchId, cancellationToken) is not { EndedAt: null })
            {
                orphans.Add(server);
            }
        }

        return orphans;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Orphan, LogLevel.Warning, "{Server} has match {MatchId}, which is not live: the server is ended")]
        public static partial void Orphan(ILogger logger, string server, Guid matchId);
    }
}
