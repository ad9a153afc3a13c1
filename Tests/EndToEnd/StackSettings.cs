namespace GameStack.Tests.EndToEnd;

/// <summary>How a stack under test makes its matches.</summary>
public sealed record StackSettings
{
    public required int SessionSize { get; init; }

    public int MinPartialSessionSize { get; init; } = 2;

    /// <summary>By default longer than any test: only full matches are made.</summary>
    public int FlushWaitSeconds { get; init; } = 3600;

    /// <summary>The players of the load tester that is part of the graph.</summary>
    public int Clients { get; init; } = 10;
}
