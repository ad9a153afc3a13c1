namespace GameStack.Contracts.Api;

/// <summary>The answer to <c>GET /sessions/active</c>.</summary>
public sealed record ActiveSessionsResponse
{
    /// <summary>
    /// The number of <see cref="Sessions"/> in this answer. For a caller that must be an operator to get them, the number of live matches.
    /// </summary>
    public required int Count { get; init; }

    public required IReadOnlyList<ActiveSession> Sessions { get; init; }

    /// <summary>
    /// The source of the list: <c>redis</c> (or <c>memory</c>, while this backend forms matches in its own memory) or <c>postgres</c>.
    /// </summary>
    public required string Source { get; init; }

    public required string Note { get; init; }

    /// <summary>If there are more: what to pass as <c>after</c> to get them. Otherwise left out of the JSON.</summary>
    public string? Next { get; init; }
}
