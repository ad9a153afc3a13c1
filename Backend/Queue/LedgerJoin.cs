namespace GameStack.Backend.Queue;

/// <summary>A join that this backend accepted.</summary>
/// <param name="PlayerId">The player.</param>
/// <param name="TraceParent">W3C trace context of the join, or empty.</param>
/// <param name="JoinedAt">When, as a timestamp of the clock: its time of day may be set while the player waits.</param>
internal sealed record LedgerJoin(string PlayerId, string TraceParent, long JoinedAt)
{
    /// <summary>When the waiting player last asked to join, as a timestamp of the clock. A later leave ends the wait.</summary>
    public long AskedAt { get; init; } = JoinedAt;
}
