namespace GameStack.Backend.Records;

/// <summary>A match as Postgres keeps it.</summary>
public sealed record MatchRecord
{
    public required Guid SessionId { get; init; }

    public required IReadOnlyList<string> Players { get; init; }

    /// <summary>The backend that assigned the match.</summary>
    public required string BackendPod { get; init; }

    public required string GameServerPod { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null while the match lives.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>
    /// What ended the match: <c>player:&lt;id&gt;</c>, <c>operator:&lt;name&gt;</c>, <c>anyone</c>, <c>server</c> or <c>system</c>. Null
    /// while the match lives, and when an older backend recorded the end.
    /// </summary>
    public string? EndedBy { get; init; }
}
