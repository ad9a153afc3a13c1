namespace GameStack.Tests.Support;

/// <summary>A row of the table <c>matches</c>, in the columns that the contract names.</summary>
public sealed record MatchRow(
    string SessionId,
    string[] Players,
    string? BackendPod,
    string? GameServerPod,
    DateTime? CreatedAt,
    DateTime? EndedAt);
