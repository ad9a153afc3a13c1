using GameStack.Backend.Background;
using GameStack.Backend.GameServers;
using GameStack.Backend.Life;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Matches;

/// <summary>
/// Regularly compares servers with matches, both ways. Ends a server that has no match, and a match that has no server. A match that the
/// queue has lost, but not its server and its record, becomes live again. Leaves recent ones alone, because a step may be under way.
/// </summary>
internal sealed partial class Reconciler(
    IMatchQueue queue, IGameServerFleet fleet, MatchAssigner assigner, IMatchRecords records, BackendIdentity identity,
    QueueSignals signals, MatchLife life, TimeProvider time, IOptions<MatchmakingOptions> options, ILogger<Reconciler> logger)
    : RepeatingService("compare servers and matches", time, logger, options.Value.Reconcile)
{
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(5);

    /// <summary>The strays of the last comparison. One is dealt with only if the next comparison finds the same.</summary>
    private HashSet<(RunningGameServer Server, bool IsLost)> _suspects = [];

    /// <summary>Ends every server that has no match now. Returns their number, or null while this backend cannot see all matches.</summary>
    public async Task<int?> EndOrphanedServersAsync(CancellationToken cancellationToken)
    {
        if (await FindStraysAsync(cancellationToken) is not { } strays)
        {
            return null;
        }

        RunningGameServer[] orphans = [.. strays.Where(stray => stray.Lost is null).Select(stray => stray.Server)];
        foreach (var orphan in orphans)
        {
            await EndAsync(orphan, cancellationToken);
        }

        return orphans.Length;
    }

    protected override async Task RunRoundAsync(CancellationToken stoppingToken)
    {
        signals.WakeOutbox(); // The usual wake-up is published, so it can be lost.
        await EndLostMatchesAsync(stoppingToken);

        var strays = await FindStraysAsync(stoppingToken) ?? [];
        foreach (var stray in strays.Where(stray => _suspects.Contains((stray.Server, stray.Lost is not null))))
        {
            await (stray.Lost is { } match ? AdoptAsync(match, stray.Server, stoppingToken) : EndAsync(stray.Server, stoppingToken));
        }

        _suspects = [.. strays.Select(stray => (stray.Server, stray.Lost is not null))];
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

    private async Task EndAsync(RunningGameServer orphan, CancellationToken cancellationToken)
    {
        Log.Orphan(Logger, orphan.Name, orphan.MatchId);
        await fleet.EndAsync(orphan, cancellationToken);
    }

    private async Task AdoptAsync(MatchRecord match, RunningGameServer server, CancellationToken cancellationToken)
    {
        if (await queue.AdoptAsync(match, server, cancellationToken))
        {
            Log.Adopted(Logger, server.Name, match.SessionId);
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

    /// <summary>The servers whose match is not live on them. Null while it is unknown which matches there are.</summary>
    private async Task<IReadOnlyList<Stray>?> FindStraysAsync(CancellationToken cancellationToken)
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
        var live = matches.Live.ToLookup(match => match.Server.MatchId, match => match.Server);
        List<Stray> strays = [];
        foreach (var server in servers.Where(server => !live[server.MatchId].Contains(server) && !claimed.Contains(server.MatchId)))
        {
            var record = await records.FindAsync(server.MatchId, cancellationToken);
            if (Judge(server, live[server.MatchId].FirstOrDefault(), record) is { } stray)
            {
                strays.Add(stray);
            }
        }

        return strays;
    }

    /// <summary>
    /// A record without an end says that the match lives: the queue has lost it, or a backend that is cut off from Redis has formed it in
    /// its memory.
    /// </summary>
    private static Stray? Judge(RunningGameServer server, RunningGameServer? live, MatchRecord? record)
    {
        if (record is not { EndedAt: null })
        {
            return new Stray(server, Lost: null);
        }

        return live is null && record.GameServerPod == server.Name ? new Stray(server, record) : null;
    }

    /// <param name="Server">The server.</param>
    /// <param name="Lost">Its match, if the queue has lost it; null if the server has no match.</param>
    private sealed record Stray(RunningGameServer Server, MatchRecord? Lost);

    private static partial class Log
    {
        [LoggerMessage(EventIds.Orphan, LogLevel.Warning, "{Server} has match {MatchId}, which is not live: the server is ended")]
        public static partial void Orphan(ILogger logger, string server, Guid matchId);

        [LoggerMessage(EventIds.Adopted, LogLevel.Information, "{Server} plays match {MatchId}, which Redis had lost: it is live again")]
        public static partial void Adopted(ILogger logger, string server, Guid matchId);
    }
}
