namespace GameStack.Backend.Queue;

internal static class MatchQueueExtensions
{
    /// <summary>The most matches that one call should ask for: more of them would hold up the calls of players.</summary>
    public const int PageSize = 500;

    /// <summary>
    /// As <see cref="IMatchQueue.FindMatchesAsync"/>, but page by page, so the matches are not all seen at one moment. The era and the
    /// backends that were heard of are those of the first page.
    /// </summary>
    public static async Task<MatchList> FindInPagesAsync(
        this IMatchQueue queue, IEnumerable<Guid> matches, CancellationToken cancellationToken)
    {
        List<MatchList> pages = [];
        foreach (var page in matches.Distinct().Chunk(PageSize).DefaultIfEmpty([]))
        {
            pages.Add(await queue.FindMatchesAsync(page, cancellationToken));
        }

        return new MatchList(
            [.. pages.SelectMany(page => page.Live)], [.. pages.SelectMany(page => page.Claimed)],
            pages.TrueForAll(page => page.IsComplete), pages[0].Era)
        {
            Heard = pages[0].Heard,
        };
    }
}
