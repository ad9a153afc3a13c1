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
    private HashSet<(RunningGameServer Server, StrayKind Kind)> _suspects = [];

    /// <summary>Ends every server that has no match now. Returns their number, or null while this backend cannot see all matches.</summary>
    public async Task<int?> EndOrphanedServersAsync(CancellationToken cancellationToken)
    {
        if (await FindStraysAsync(cancellationToken) is not { } strays)
        {
            return null;
        }

        Stray[] orphans = [.. strays.Where(stray => stray.Kind == StrayKind.Orphan)];
        foreach (var orphan in orphans)
        {
            await SettleAsync(orphan, cancellationToken);
        }

        return orphans.Length;
    }

    protected override async Task RunRoundAsync(CancellationToken stoppingToken)
    {
        signals.WakeOutbox(); // The usual wake-up is published, so it can be lost.
        await EndLostMatchesAsync(stoppingToken);

        var strays = await FindStraysAsync(stoppingToken) ?? [];
        foreach (var stray in strays.Where(stray => _suspects.Contains((stray.Server, stray.Kind))))
        {
            await SettleAsync(stray, stoppingToken);
        }

        _suspects = [.. strays.Select(stray => (stray.Server, stray.Kind))];
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

    private async Task SettleAsync(Stray stray, CancellationToken cancellationToken)
    {
        var (server, kind, record) = stray;
        switch (kind)
        {
            case StrayKind.Orphan:
                Log.Orphan(Logger, server.Name, server.MatchId);
                await fleet.EndAsync(server, cancellationToken);
                break;

            case StrayKind.Second when await fleet.EndUnusedAsync(server, cancellationToken):
                Log.EndedUnused(Logger, server.Name, server.MatchId);
                break;

            case StrayKind.Lost when await queue.AdoptAsync(record!, server, cancellationToken):
                Log.Adopted(Logger, server.Name, server.MatchId);
                break;
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

    /// <summary>The servers on which no match is live. Null while it is unknown which matches there are.</summary>
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
    /// If the match is live on another server, a backend may have taken two, since the answers to its first claim were lost. If it is live
    /// nowhere, but its record has no end, the queue has lost it, or a backend that is cut off from Redis has formed it in its memory.
    /// </summary>
    private static Stray? Judge(RunningGameServer server, RunningGameServer? live, MatchRecord? record)
    {
        if (live is not null)
        {
            return live.Name == server.Name ? null : new Stray(server, StrayKind.Second);
        }

        if (record is not { EndedAt: null })
        {
            return new Stray(server, StrayKind.Orphan);
        }

        return record.GameServerPod == server.Name ? new Stray(server, StrayKind.Lost, record) : null;
    }

    private sealed record Stray(RunningGameServer Server, StrayKind Kind, MatchRecord? Record = null);

    private enum StrayKind
    {
        /// <summary>The server has no match.</summary>
        Orphan,

        /// <summary>The match is live on another server.</summary>
        Second,

        /// <summary>The queue has lost the match, which the server plays.</summary>
        Lost,
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Orphan, LogLevel.Warning, "{Server} has match {MatchId}, which is not live: the server is ended")]
        public static partial void Orphan(ILogger logger, string server, Guid matchId);

        [LoggerMessage(EventIds.Adopted, LogLevel.Information, "{Server} plays match {MatchId}, which Redis had lost: it is live again")]
        public static partial void Adopted(ILogger logger, string server, Guid matchId);

        [LoggerMessage(EventIds.EndedUnused, LogLevel.Warning,
            "{Server} was taken for match {MatchId}, which plays on another server: the server is ended")]
        public static partial void EndedUnused(ILogger logger, string server, Guid matchId);
    }
}
