namespace GameStack.Contracts.Api;

/// <summary>The answer of <c>GET /match/status</c>, the data of a <c>/match/events</c> event, and the answer to an end or a leave.</summary>
public sealed record StatusResponse
{
    /// <summary>One of <see cref="MatchStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>Left out of the JSON while pending.</summary>
    public string? SessionId { get; init; }

    /// <summary>Only when matched.</summary>
    public string? ConnectHost { get; init; }

    /// <summary>Only when matched.</summary>
    public int? ConnectPort { get; init; }
}
