namespace GameStack.LoadTester.Report;

/// <summary>The matches of a run. A match's size is the number of this run's clients in the match.</summary>
internal sealed record SessionFigures
{
    public static SessionFigures None { get; } = new() { Violations = [] };

    public int Matches { get; init; }

    public int SmallestSize { get; init; }

    public double AverageSize { get; init; }

    public int LargestSize { get; init; }

    /// <summary>One sentence for each contradiction in what clients were told.</summary>
    public required IReadOnlyList<string> Violations { get; init; }
}
