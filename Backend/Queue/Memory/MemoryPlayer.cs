namespace GameStack.Backend.Queue.Memory;

/// <summary>A player of the in-memory queue, from one join to the next.</summary>
internal sealed class MemoryPlayer(string id, string trace, DateTimeOffset since, long order)
{
    public static IComparer<MemoryPlayer> ByTimeOfJoining { get; } =
        Comparer<MemoryPlayer>.Create((a, b) => a.Order.CompareTo(b.Order));

    public string Id { get; } = id;

    public string Trace { get; } = trace;

    public DateTimeOffset Since { get; } = since;

    private long Order { get; } = order;

    /// <summary>Null while waiting.</summary>
    public MemoryMatch? Match { get; set; }

    /// <summary>Whether the player's match has ended.</summary>
    public bool IsOver => Match?.Ended is not null;

    public PlayerState State => Match?.State ?? PlayerState.Pending;
}
