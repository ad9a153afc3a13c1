namespace GameStack.Backend.Queue;

/// <summary>A join that this backend accepted, with its time.</summary>
internal sealed record LedgerJoin(string PlayerId, string TraceParent, DateTimeOffset Since);
