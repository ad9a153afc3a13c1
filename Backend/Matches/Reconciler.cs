using GameStack.Backend.Background;
using GameStack.Backend.GameServers;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Matches;

/// <summary>
/// Regularly compares servers with matches, both ways. Ends a server that has no match, and a match that has no server. A match that the
/// queue has lost, but not its server and its record, becomes live again. Leaves recent ones alone, because a step may be under way, and
/// servers of a backend that runs but is cut off from the queue, because its memory may have their matches. A round follows what has
/// changed and looks at one page of the rest. It looks at everything at first, and whenever the queue's data may have been lost or a
/// backend has come or gone (<see cref="MatchList.Era"/>).
/// </summary>
internal sealed partial class Reconciler(
    IMatchQueue queue, IGameServerFleet fleet, MatchAssigner assigner, IMatchRecords records, ServerlessMatches serverless,
    QueueSignals signals, TimeProvider time, IOptions<MatchmakingOptions> options, ILogger<Reconciler> logger)
    : RepeatingService("compare servers and matches", time, logger, options.Value.Reconcile)
{
    /// <summary>The strays of the last comparison. One is dealt with only if the next comparison finds the same.</summary>
    private HashSet<(RunningGameServer Server, StrayKind Kind)> _suspects = [];

    /// <summary>Servers whose match was live on them when they were last compared.</summary>
    private readonly HashSet<RunningGameServer> _matched = [];

    /// <summary>The backends whose servers are left alone, each of which was logged.</summary>
    private readonly HashSet<string> _doubtful = new(StringComparer.Ordinal);

    /// <summary>The servers whose end was logged. While they cannot be ended, every comparison tries again.</summary>
    private readonly HashSet<RunningGameServer> _ending = [];

    /// <summary>The match of the last server that was compared only because it was its turn.</summary>
    private Guid _lastTurn;

    /// <summary>The era of the last comparison; null after one that failed, or could not see all matches.</summary>
    private string? _era;

    /// <summary>
    /// Ends every server that has no match now, except those of backends that are cut off from the queue. Returns their number, or null
    /// while this backend cannot see all matches.
    /// </summary>
    public async Task<int?> EndOrphanedServersAsync(CancellationToken cancellationToken)
    {
        var servers = await fleet.ListAsync(cancellationToken);
        if (await CompareAsync(servers, cancellationToken) is not { } comparison)
        {
            return null;
        }

        var strays = await JudgeAsync(comparison, cancellationToken);
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
        var (ends, era) = (signals.TakeEnds(), _era);
        _era = null;

        var listedAt = Time.GetTimestamp();
        var servers = (await fleet.ListAsync(stoppingToken)).ToHashSet();
        var changed = await serverless.FindChangedAsync(servers, stoppingToken);
        var all = changed.Era != era;
        if (!changed.IsComplete || !await serverless.EndAsync(changed, servers, listedAt, all, stoppingToken)
            || await CompareAsync(all ? servers : Choose(servers, ends), stoppingToken) is not { } comparison)
        {
            _suspects = []; // There may be matches that this backend does not see.
            return;
        }

        var strays = await JudgeAsync(comparison, stoppingToken);
        foreach (var stray in strays.Where(stray => _suspects.Contains((stray.Server, stray.Kind))))
        {
            await SettleAsync(stray, stoppingToken);
        }

        _doubtful.IntersectWith(strays.Where(stray => stray.Kind == StrayKind.Doubtful).Select(stray => stray.Server.Backend!));
        _ending.IntersectWith(strays.Select(stray => stray.Server));
        _matched.IntersectWith(servers);
        _matched.ExceptWith(comparison.Compared);
        _matched.UnionWith(comparison.Live);
        (_era, _suspects) = (changed.Era, [.. strays.Select(stray => (stray.Server, stray.Kind))]);
    }

    /// <summary>The servers to compare: those without a known match, those whose match has ended, and some of the others in turn.</summary>
    private List<RunningGameServer> Choose(IEnumerable<RunningGameServer> servers, IReadOnlySet<Guid> ends)
    {
        var isKnown = servers.ToLookup(server => _matched.Contains(server) && !ends.Contains(server.MatchId));
        List<RunningGameServer> turn =
        [
            .. isKnown[true].Where(server => server.MatchId.CompareTo(_lastTurn) > 0)
                .OrderBy(server => server.MatchId).Take(MatchQueueExtensions.PageSize),
        ];
        _lastTurn = turn.Count < MatchQueueExtensions.PageSize ? Guid.Empty : turn[^1].MatchId;
        return [.. isKnown[false], .. turn];
    }

    private async Task SettleAsync(Stray stray, CancellationToken cancellationToken)
    {
        var (server, kind, record) = stray;
        switch (kind)
        {
            case StrayKind.Orphan:
                if (_ending.Add(server))
                {
                    Log.Orphan(Logger, server.Name, server.MatchId);
                }

                await fleet.EndAsync(server, cancellationToken);
                break;

            case StrayKind.Doubtful when _doubtful.Add(server.Backend!):
                Log.Doubtful(Logger, server.Backend!, server.Name, server.MatchId);
                break;

            case StrayKind.Second when await fleet.EndUnusedAsync(server, cancellationToken):
                Log.EndedUnused(Logger, server.Name, server.MatchId);
                break;

            case StrayKind.Lost when await queue.AdoptAsync(record!, server, cancellationToken):
                Log.Adopted(Logger, server.Name, server.MatchId);
                break;
        }
    }

    /// <summary>Null while it is unknown which matches there are.</summary>
    private async Task<Comparison?> CompareAsync(IReadOnlyCollection<RunningGameServer> servers, CancellationToken cancellationToken)
    {
        // The order matters, the servers being listed first: a server appears after its claim, and a claim disappears only once its match
        // is live.
        var held = assigner.Held.ToHashSet();
        var matches = await queue.FindInPagesAsync(servers.Select(server => server.MatchId), cancellationToken);
        if (!matches.IsComplete)
        {
            return null;
        }

        var claimed = matches.Claimed.Concat(held).ToHashSet();
        var live = matches.Live.ToLookup(match => match.Server.MatchId, match => match.Server);
        var isMatched = servers.ToLookup(server => live[server.MatchId].Contains(server));
        return new Comparison(
            servers,
            [.. isMatched[true]],
            [
                .. isMatched[false]
                    .Where(server => !claimed.Contains(server.MatchId))
                    .Select(server => new Unmatched(server, live[server.MatchId].FirstOrDefault())),
            ],
            matches.Heard.Select(BackendIdentity.NameOf).ToHashSet(StringComparer.Ordinal));
    }

    private async Task<IReadOnlyList<Stray>> JudgeAsync(Comparison comparison, CancellationToken cancellationToken)
    {
        var cutOff = await FindCutOffAsync(comparison, cancellationToken);
        List<Stray> strays = [];
        foreach (var (server, playsOn) in comparison.Unmatched)
        {
            var stray = playsOn is null
                ? Judge(server, await records.FindAsync(server.MatchId, cancellationToken), cutOff)
                : JudgeSecond(server, playsOn);
            if (stray is not null)
            {
                strays.Add(stray);
            }
        }

        return strays;
    }

    /// <summary>The backends that run, but send no heartbeat: they may have matches in their memory that no record shows.</summary>
    private async Task<IReadOnlySet<string>> FindCutOffAsync(Comparison comparison, CancellationToken cancellationToken)
    {
        HashSet<string> cutOff = new(StringComparer.Ordinal);
        var backends = comparison.Unmatched.Select(unmatched => unmatched.Server.Backend).OfType<string>();
        foreach (var backend in backends.Distinct(StringComparer.Ordinal))
        {
            if (!comparison.Heard.Contains(backend) && await fleet.MayRunAsync(backend, cancellationToken))
            {
                cutOff.Add(backend);
            }
        }

        return cutOff;
    }

    /// <summary>A backend may have taken two servers for its match, since the answers to its first claim were lost.</summary>
    private static Stray? JudgeSecond(RunningGameServer server, RunningGameServer playsOn) =>
        playsOn.Name == server.Name ? null : new Stray(server, StrayKind.Second);

    /// <summary>
    /// If the match's record has no end, the queue has lost the match, or a backend that is cut off from Redis has formed it in its memory.
    /// </summary>
    private static Stray? Judge(RunningGameServer server, MatchRecord? record, IReadOnlySet<string> cutOff) => record switch
    {
        null => new Stray(server, server.Backend is { } backend && cutOff.Contains(backend) ? StrayKind.Doubtful : StrayKind.Orphan),
        { EndedAt: not null } => new Stray(server, StrayKind.Orphan),
        _ => record.GameServerPod == server.Name ? new Stray(server, StrayKind.Lost, record) : null,
    };

    private sealed record Stray(RunningGameServer Server, StrayKind Kind, MatchRecord? Record = null);

    private enum StrayKind
    {
        /// <summary>The server has no match.</summary>
        Orphan,

        /// <summary>Only the memory of a backend that is cut off from the queue can have the match.</summary>
        Doubtful,

        /// <summary>The match is live on another server.</summary>
        Second,

        /// <summary>The queue has lost the match, which the server plays.</summary>
        Lost,
    }

    /// <param name="Compared">The servers that were compared.</param>
    /// <param name="Live">Those whose match is live on them.</param>
    /// <param name="Unmatched">Those whose match is neither live on them nor claimed.</param>
    /// <param name="Heard">The names of the backends that the queue has just heard of.</param>
    private sealed record Comparison(
        IReadOnlyCollection<RunningGameServer> Compared, IReadOnlyList<RunningGameServer> Live, IReadOnlyList<Unmatched> Unmatched,
        IReadOnlySet<string> Heard);

    /// <param name="Server">The server.</param>
    /// <param name="PlaysOn">Where its match is live, if anywhere.</param>
    private sealed record Unmatched(RunningGameServer Server, RunningGameServer? PlaysOn);

    private static partial class Log
    {
        [LoggerMessage(EventIds.Orphan, LogLevel.Warning, "{Server} has match {MatchId}, which is not live: the server is ended")]
        public static partial void Orphan(ILogger logger, string server, Guid matchId);

        [LoggerMessage(EventIds.Doubtful, LogLevel.Warning,
            "Backend {Backend} runs, but sends no heartbeat to the queue: its servers without a known match are left alone, "
            + "such as {Server} with match {MatchId}")]
        public static partial void Doubtful(ILogger logger, string backend, string server, Guid matchId);

        [LoggerMessage(EventIds.Adopted, LogLevel.Information, "{Server} plays match {MatchId}, which Redis had lost: it is live again")]
        public static partial void Adopted(ILogger logger, string server, Guid matchId);

        [LoggerMessage(EventIds.EndedUnused, LogLevel.Warning,
            "{Server} was taken for match {MatchId}, which plays on another server: the server is ended")]
        public static partial void EndedUnused(ILogger logger, string server, Guid matchId);
    }
}
