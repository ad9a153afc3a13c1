namespace GameStack.LoadTester.Report;

/// <summary>The matches of a run. A match's size is how many clients of this run are in it.</summary>
public sealed record SessionFigures
{
    public static SessionFigures None { get; } = new() { Violations = [] };

    public int Matches { get; init; }

    public int SmallestSize { get; init; }

    public double AverageSize { get; init; }

    public int LargestSize { get; init; }

    /// <summary>A sentence for each thing that clients were told and that cannot be.</summary>
    public required IReadOnlyList<string> Violations { get; init; }
}
