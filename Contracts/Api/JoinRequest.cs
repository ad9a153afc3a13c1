namespace GameStack.Contracts.Api;

/// <summary>The body of <c>POST /match/join</c> and <c>POST /match/leave</c>: <c>{"player_id": "p1"}</c>.</summary>
public sealed record JoinRequest
{
    /// <summary>See <see cref="Contracts.PlayerId"/> for what is allowed.</summary>
    public string? PlayerId { get; init; }
}
