namespace GameStack.Contracts.Api;

/// <summary>The values of <see cref="StatusResponse.Status"/>.</summary>
public static class MatchStatus
{
    public const string Pending = "pending";
    public const string Matched = "matched";
    public const string Ended = "ended";
    public const string Left = "left";
}
