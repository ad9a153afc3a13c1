namespace GameStack.Contracts.Api;

/// <summary>A live match, and the process or pod that plays it.</summary>
public sealed record ActiveSession
{
    public required string SessionId { get; init; }

    public required string GameServerPod { get; init; }
}
