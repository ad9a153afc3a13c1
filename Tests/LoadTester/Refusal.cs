namespace GameStack.Tests.LoadTester;

/// <summary>How the stand-in stack refuses a call.</summary>
/// <param name="Status">The status code.</param>
/// <param name="RetryAfter">The header, as it is sent; null for none.</param>
internal sealed record Refusal(int Status, string? RetryAfter)
{
    /// <summary>The call is carried out, and the connection breaks before the answer.</summary>
    public static Refusal Cut { get; } = new(0, null);
}
