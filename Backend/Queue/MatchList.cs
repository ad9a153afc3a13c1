namespace GameStack.Backend.Queue;

/// <summary>The matches of a queue, all seen at one moment.</summary>
/// <param name="Live">The matches that were assigned and have not ended.</param>
/// <param name="Claimed">The matches that have no server yet, no matter which backend is finding servers for them.</param>
/// <param name="IsComplete">
/// Whether these are the matches of all backends. If not, a match that is missing here may be live all the same.
/// </param>
internal sealed record MatchList(IReadOnlyList<LiveMatch> Live, IReadOnlyList<Guid> Claimed, bool IsComplete);
