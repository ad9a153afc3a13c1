namespace GameStack.Backend.Queue;

/// <summary>A join that this backend took, with the time it was taken.</summary>
internal sealed record LedgerJoin(string PlayerId, string TraceParent, DateTimeOffset Since);
