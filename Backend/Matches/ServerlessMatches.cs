using GameStack.Backend.GameServers;
using GameStack.Backend.Life;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;

namespace GameStack.Backend.Matches;

/// <summary>
/// Ends the matches that have no server. Each round looks at the matches whose servers are not listed any more, and at one page of the
/// others, so it does not take longer with more live matches. Not thread-safe.
/// </summary>
internal sealed class ServerlessMatches(
    IMatchQueue queue, IGameServerFleet fleet, MatchLife life, BackendIdentity identity, TimeProvider time)
{
    /// <summary>A match of this age may have got its server after the servers were listed.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(5);

    /// <summary>The servers of the last round.</summary>
    private IReadOnlySet<RunningGameServer> _servers = new HashSet<RunningGameServer>();

    /// <summary>Matches of the last round without a listed server that did not end: they were young, or their servers answered.</summary>
    private HashSet<Guid> _doubtful = [];

    /// <summary>The match after which the next page begins.</summary>
    private Guid? _last;

    /// <summary>What stands about the matches whose servers may be gone since the last round.</summary>
    public Task<MatchList> FindChangedAsync(IReadOnlySet<RunningGameServer> servers, CancellationToken cancellationToken) =>
        queue.FindInPagesAsync(
            _servers.Where(server => !servers.Contains(server)).Select(server => server.MatchId).Concat(_doubtful), cancellationToken);

    /// <summary>Ends those of the changed matches, and of one page of the others, that have no server.</summary>
    /// <param name="changed">What <see cref="FindChangedAsync"/> has found.</param>
    /// <param name="servers">The servers of the fleet.</param>
    /// <param name="listedAt">When they were listed, as a timestamp of the clock.</param>
    /// <param name="all">Whether to look at all pages.</param>
    /// <param name="cancellationToken">Cancels the round.</param>
    /// <returns>False if this backend cannot see all matches any more.</returns>
    public async Task<bool> EndAsync(
        MatchList changed, IReadOnlySet<RunningGameServer> servers, long listedAt, bool all, CancellationToken cancellationToken)
    {
        var seen = changed.Live.Select(match => match.Server.MatchId).ToHashSet();
        HashSet<Guid> doubtful = [];
        await LookAtAsync(changed.Live);
        _last = all ? null : _last;
        do
        {
            var page = await queue.ListPageAsync(_last, MatchQueueExtensions.PageSize, cancellationToken);
            if (page is { IsComplete: false } || (all && page is null))
            {
                return false;
            }

            var matches = await queue.FindMatchesAsync(
                [.. page?.Live.Select(match => match.MatchId).Where(seen.Add) ?? []], cancellationToken);
            if (!matches.IsComplete)
            {
                return false;
            }

            await LookAtAsync(matches.Live);
            _last = page?.Next;
        }
        while (all && _last is not null);

        (_servers, _doubtful) = (servers, doubtful);
        return true;

        async Task LookAtAsync(IReadOnlyList<LiveMatch> matches)
        {
            foreach (var match in matches.Where(match => !servers.Contains(match.Server)))
            {
                var isYoung = match.Age <= Young + time.GetElapsedTime(listedAt);
                if (isYoung || !await EndIfGoneAsync(match, cancellationToken))
                {
                    doubtful.Add(match.Server.MatchId);
                }
            }
        }
    }

    /// <summary>Returns false if the match must be looked at again although nothing more changes.</summary>
    private async Task<bool> EndIfGoneAsync(LiveMatch match, CancellationToken cancellationToken)
    {
        var owner = OwnerOf(match);
        if (!await fleet.IsGoneAsync(match.Server, owner, cancellationToken))
        {
            return owner == ServerOwner.AnotherBackend; // That one looks at it, too.
        }

        if (await queue.EndAsync(match.Server.MatchId, match.Server, EndedBy.System, cancellationToken) == EndOutcome.Ended)
        {
            life.Announce(new MatchStep.Ended(match.Server.MatchId, MatchEnd.ServerLost));
        }

        return true;
    }

    private ServerOwner OwnerOf(LiveMatch match)
    {
        if (match.Owner == identity.Owner)
        {
            return ServerOwner.ThisBackend;
        }

        return match.OwnerAlive ? ServerOwner.AnotherBackend : ServerOwner.SilentBackend;
    }
}
