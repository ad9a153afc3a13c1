namespace GameStack.Backend.Queue.Memory;

/// <summary>A player of the in-memory queue, from one join to the next.</summary>
internal sealed class MemoryPlayer
{
    public MemoryPlayer(string id, string trace, TimeProvider time, long order)
    {
        (Id, Trace, JoinedAt, Order) = (id, trace, time.GetTimestamp(), order);
        AskedAt = JoinedAt;
        Sign = new LinkedListNode<MemoryPlayer>(this);
    }

    public static IComparer<MemoryPlayer> ByTimeOfJoining { get; } =
        Comparer<MemoryPlayer>.Create((a, b) => a.Order.CompareTo(b.Order));

    public string Id { get; }

    public string Trace { get; }

    /// <summary>When the player joined, as a timestamp of the clock.</summary>
    public long JoinedAt { get; }

    private long Order { get; }

    /// <summary>When the player last asked to join, as a timestamp of the clock.</summary>
    public long AskedAt { get; set; }

    /// <summary>When the player was last heard of, as a timestamp of the clock.</summary>
    public long HeardAt { get; set; }

    /// <summary>The player's place in the line's list of signs of life.</summary>
    public LinkedListNode<MemoryPlayer> Sign { get; }

    /// <summary>Null while waiting.</summary>
    public MemoryMatch? Match { get; set; }

    /// <summary>Whether the player's match has ended.</summary>
    public bool IsOver => Match?.Ended is not null;

    public PlayerState State => Match?.State ?? PlayerState.Pending;

    public LedgerJoin ToJoin() => new(Id, Trace, JoinedAt) { AskedAt = AskedAt };
}
