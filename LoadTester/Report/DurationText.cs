namespace GameStack.LoadTester.Report;

/// <summary>Formats durations for human readers: <c>0.42 ms</c>, <c>12.3 ms</c>, <c>1.23 s</c>, <c>30.0 s</c>.</summary>
internal static class DurationText
{
    public static string Of(double seconds) =>
        seconds switch
        {
            < 0.001 => $"{seconds * 1000:0.00} ms",
            < 0.1 => $"{seconds * 1000:0.0} ms",
            < 1 => $"{seconds * 1000:0} ms",
            < 10 => $"{seconds:0.00} s",
            _ => $"{seconds:0.0} s",
        };

    /// <summary>The four figures of a phase (p50, p90, p99, max); none if nothing was measured.</summary>
    public static string[] Of(Percentiles durations) =>
        durations.Count == 0 ? [] : [Of(durations.P50), Of(durations.P90), Of(durations.P99), Of(durations.Max)];
}
