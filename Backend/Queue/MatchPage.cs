namespace GameStack.Backend.Queue;

/// <summary>Some of a queue's live matches, in an order that does not change from page to page.</summary>
/// <param name="Live">The matches of this page.</param>
/// <param name="Next">The match after which the next page begins; null on the last page.</param>
/// <param name="IsComplete">Whether all pages together have the matches of all backends, as in <see cref="MatchList"/>.</param>
internal sealed record MatchPage(IReadOnlyList<ListedMatch> Live, Guid? Next, bool IsComplete)
{
    /// <summary>A page of matches in memory, in the order of their ids.</summary>
    public static MatchPage Of(IEnumerable<ListedMatch> live, Guid? after, int limit, bool isComplete)
    {
        var matches = live
            .Where(match => after is null || match.MatchId.CompareTo(after.Value) > 0)
            .OrderBy(match => match.MatchId);
        return Of([.. matches.Take(limit + 1)], limit, isComplete);
    }

    /// <param name="matches">The matches of this page, and one more if there is a next page.</param>
    /// <param name="limit">The most matches on a page.</param>
    /// <param name="isComplete">As the property.</param>
    public static MatchPage Of(IReadOnlyList<ListedMatch> matches, int limit, bool isComplete) => matches.Count > limit
        ? new([.. matches.Take(limit)], matches[limit - 1].MatchId, isComplete)
        : new(matches, Next: null, isComplete);
}
