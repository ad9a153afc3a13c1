using GameStack.Backend.GameServers;

namespace GameStack.Backend.Queue.Memory;

/// <summary>A match of the in-memory queue. Guarded by the queue's lock.</summary>
internal sealed class MemoryMatch(Guid id, List<MemoryPlayer> players, DateTimeOffset createdAt)
{
    public Guid Id { get; } = id;

    public List<MemoryPlayer> Players { get; } = players;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    public int Try { get; set; } = 1;

    /// <summary>Null until assigned.</summary>
    public RunningGameServer? Server { get; set; }

    /// <summary>When the match was assigned, as a timestamp of the clock.</summary>
    public long AssignedAt { get; set; }

    public DateTimeOffset? Ended { get; set; }

    /// <summary>When the match ended, as a timestamp of the clock.</summary>
    public long EndedAt { get; set; }

    public string? EndedBy { get; set; }

    public bool IsLive => Server is not null && Ended is null;

    public IReadOnlyList<string> PlayerIds => [.. Players.Select(player => player.Id)];

    public PlayerState State => (Server, Ended) switch
    {
        (null, _) => PlayerState.Pending,
        (_, null) => new PlayerState(PlayerPhase.Matched, Id, Server.Host, Server.Port, PlayerIds) { Admission = Server.Admission },
        _ => PlayerState.Ended(Id),
    };

    public MatchClaim ToClaim() => new(Id, PlayerIds, [.. Players.Select(player => player.Trace)], CreatedAt, Try)
    {
        IsInMemory = true,
    };
}
