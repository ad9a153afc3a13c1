namespace GameStack.LoadTester.Report;

/// <summary>Exact percentiles of durations, in seconds. Each is the value at the nearest rank, so each was actually measured.</summary>
internal sealed record Percentiles
{
    public required int Count { get; init; }

    public double P50 { get; init; }

    public double P90 { get; init; }

    public double P99 { get; init; }

    public double Max { get; init; }

    /// <param name="seconds">The durations, in seconds; the array is sorted in place.</param>
    public static Percentiles Of(double[] seconds)
    {
        ArgumentNullException.ThrowIfNull(seconds);
        if (seconds.Length == 0)
        {
            return new Percentiles { Count = 0 };
        }

        Array.Sort(seconds);
        return new Percentiles
        {
            Count = seconds.Length,
            P50 = Rank(seconds, 50),
            P90 = Rank(seconds, 90),
            P99 = Rank(seconds, 99),
            Max = seconds[^1],
        };
    }

    /// <summary>
    /// The smallest value such that at least <paramref name="percent"/> percent of all values are no larger. The rank is computed in whole
    /// numbers, because 0.99 × 100 is not 99.
    /// </summary>
    private static double Rank(double[] sorted, int percent) => sorted[(int)((((long)sorted.Length * percent) + 99) / 100) - 1];
}
