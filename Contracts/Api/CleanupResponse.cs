namespace GameStack.Contracts.Api;

/// <summary>The answer of <c>POST /cleanup/orphaned-servers</c>.</summary>
public sealed record CleanupResponse
{
    /// <summary>Game servers that had no session and were ended.</summary>
    public required int Cleaned { get; init; }

    public required string Message { get; init; }
}
