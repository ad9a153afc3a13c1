using System.Net.Sockets;
using GameStack.Backend.GameServers;
using GameStack.Backend.Queue;
using GameStack.Contracts.Lines;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Matches;

/// <summary>
/// Compares servers with matches, both ways, again and again: a server without a match goes, a match without a server ends.
/// What is young is left alone, since a step may be under way.
/// </summary>
internal sealed partial class Reconciler(
    IMatchQueue queue, IGameServerFleet fleet, MatchAssigner assigner, BackendIdentity identity, QueueSignals signals, TimeProvider time,
    IOptions<MatchmakingOptions> options, ILogger<Reconciler> logger) : BackgroundService
{
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Servers seen without a match the last time: only the second sight counts.</summary>
    private HashSet<RunningGameServer> _suspects = [];

    /// <summary>Ends every server that has no match now. Answers how many; null while that cannot be told.</summary>
    public async Task<int?> EndOrphanedServersAsync(CancellationToken cancellationToken)
    {
        if (!SeesAllMatches)
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

    /// <summary>While Redis is unavailable, other backends' matches cannot be seen, and their servers must not be taken for orphans.</summary>
    private bool SeesAllMatches => !fleet.IsShared || queue.ListsAllBackends;

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
        signals.WakeOutbox(); // Its usual wake-up is published, and can be lost.
        if (!SeesAllMatches)
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
            // A child process of another backend is that backend's to watch, as long as it lives.
            var mine = fleet.IsShared || match.Owner == identity.Owner;
            if (mine || (!match.OwnerAlive && !await AnswersAsync(match.Server, cancellationToken)))
            {
                Log.Lost(logger, match.Server.MatchId, match.Server.Name);
                await queue.EndAsync(match.Server.MatchId, match.Server, cancellationToken);
            }
        }
    }

    private async Task<IReadOnlyList<RunningGameServer>> FindOrphansAsync(CancellationToken cancellationToken)
    {
        // In this order: a server comes after its claim, and a claim goes only when its match is live.
        var servers = await fleet.ListAsync(cancellationToken);
        var claimed = (await queue.ListClaimedAsync(cancellationToken)).Concat(assigner.Held).ToHashSet();
        var live = (await queue.ListLiveAsync(cancellationToken)).Select(match => match.Server).ToHashSet();
        return [.. servers.Where(server => !live.Contains(server) && !claimed.Contains(server.MatchId))];
    }

    private async Task<bool> AnswersAsync(RunningGameServer server, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(ProbeTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var client = new TcpClient();
        try
        {
            // A server that hangs is still connected to: its kernel does that.
            await client.ConnectAsync(server.Host, server.Port, either.Token);
            var lines = await GameServerHandshake.AskAsync(client, GameProtocol.GetState + "\n", either.Token);
            return await lines.ReadLineAsync(either.Token) is not null;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
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
