namespace GameStack.Contracts.Api;

/// <summary>What every body of a call has in common.</summary>
public static class RequestBody
{
    /// <summary>A body holds one player id; a longer body is answered with 413.</summary>
    public const int MaxBytes = 16 * 1024;
}
