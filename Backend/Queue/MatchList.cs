namespace GameStack.Backend.Queue;

/// <summary>Those of the matches asked for that stand, all seen at one moment.</summary>
/// <param name="Live">The matches that were assigned and have not ended.</param>
/// <param name="Claimed">The matches that have no server yet, no matter which backend is finding servers for them.</param>
/// <param name="IsComplete">
/// Whether the queue knows the matches of all backends. If not, a match that is missing here may be live all the same.
/// </param>
/// <param name="Era">
/// Changes when the queue's data may have been lost, and when a backend begins to live or lives no more. Then nothing that was found before
/// may be relied on.
/// </param>
internal sealed record MatchList(IReadOnlyList<LiveMatch> Live, IReadOnlyList<Guid> Claimed, bool IsComplete, string Era = "")
{
    /// <summary>
    /// The backends (<see cref="BackendIdentity.Owner"/>) whose last heartbeat is younger than <see cref="QueueLimits.Patience"/>. Another
    /// backend may have matches in its memory that the queue does not know.
    /// </summary>
    public IReadOnlyList<string> Heard { get; init; } = [];
}
