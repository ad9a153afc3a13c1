namespace GameStack.Contracts.Api;

/// <summary>The answer to <c>GET /match/status</c>, to an end and to a leave, and the data of a <c>/match/events</c> event.</summary>
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

    /// <summary>Only when matched: as in a <see cref="JoinResponse"/>, and a fresh one in each answer.</summary>
    public string? Ticket { get; init; }
}
