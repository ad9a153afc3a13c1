namespace GameStack.Contracts.Api;

/// <summary>The answer to <c>POST /cleanup/orphaned-servers</c>.</summary>
public sealed record CleanupResponse
{
    /// <summary>How many game servers had no match and were ended.</summary>
    public required int Cleaned { get; init; }

    public required string Message { get; init; }
}
