using GameStack.Backend.GameServers;
using GameStack.Backend.Queue;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Matches;

/// <summary>
/// Regularly compares servers with matches, both ways. Ends a server that has no match, and a match that has no server.
/// Leaves recent ones alone, because a step may be under way.
/// </summary>
internal sealed partial class Reconciler(
    IMatchQueue queue, IGameServerFleet fleet, MatchAssigner assigner, BackendIdentity identity, QueueSignals signals, TimeProvider time,
    IOptions<MatchmakingOptions> options, ILogger<Reconciler> logger) : BackgroundService
{
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(5);

    /// <summary>Servers that had no match in the last comparison. A server is ended only if it still has none in the next one.</summary>
    private HashSet<RunningGameServer> _suspects = [];

    /// <summary>Ends every server that has no match now. Returns their number, or null while this backend cannot see all matches.</summary>
    public async Task<int?> EndOrphanedServersAsync(CancellationToken cancellationToken)
    {
        if (!queue.ListsAllBackends)
        {
            return null;
        }

        var orphans = await FindOrphansAsync(cancellationToken);
        foreach (var orphan in orphans)
        {
            Log.Orphan(logger, orphan.Name, orphan.MatchId);
            await fleet.EndAsync(orphan, cancellationToken);
        }

        return orphans.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Reconcile, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await ReconcileAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.Failed(logger, e is DependencyUnavailableException ? null : e, e.Message);
            }
        }
    }

    private async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        signals.WakeOutbox(); // The usual wake-up is published, so it can be lost.
        if (!queue.ListsAllBackends)
        {
            return;
        }

        await EndLostMatchesAsync(cancellationToken);

        var orphans = await FindOrphansAsync(cancellationToken);
        foreach (var orphan in orphans.Where(_suspects.Contains))
        {
            Log.Orphan(logger, orphan.Name, orphan.MatchId);
            await fleet.EndAsync(orphan, cancellationToken);
        }

        _suspects = [.. orphans];
    }

    private async Task EndLostMatchesAsync(CancellationToken cancellationToken)
    {
        var live = await queue.ListLiveAsync(cancellationToken);
        var servers = (await fleet.ListAsync(cancellationToken)).ToHashSet();
        foreach (var match in live.Where(match => match.Age > Young && !servers.Contains(match.Server)))
        {
            if (await fleet.IsGoneAsync(match.Server, OwnerOf(match), cancellationToken))
            {
                Log.Lost(logger, match.Server.MatchId, match.Server.Name);
                await queue.EndAsync(match.Server.MatchId, match.Server, cancellationToken);
            }
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

    private async Task<IReadOnlyList<RunningGameServer>> FindOrphansAsync(CancellationToken cancellationToken)
    {
        // The order matters: a server appears after its claim, and a claim disappears only once its match is live.
        var servers = await fleet.ListAsync(cancellationToken);
        var claimed = (await queue.ListClaimedAsync(cancellationToken)).Concat(assigner.Held).ToHashSet();
        var live = (await queue.ListLiveAsync(cancellationToken)).Select(match => match.Server).ToHashSet();
        return [.. servers.Where(server => !live.Contains(server) && !claimed.Contains(server.MatchId))];
    }

    private static partial class Log
    {
        [LoggerMessage(170, LogLevel.Warning, "{Server} plays match {MatchId}, which does not exist: it is ended")]
        public static partial void Orphan(ILogger logger, string server, Guid matchId);

        [LoggerMessage(171, LogLevel.Warning, "Match {MatchId} is over: its server {Server} is gone")]
        public static partial void Lost(ILogger logger, Guid matchId, string server);

        [LoggerMessage(172, LogLevel.Error, "Servers and matches could not be compared: {Reason}")]
        public static partial void Failed(ILogger logger, Exception? exception, string reason);
    }
}
