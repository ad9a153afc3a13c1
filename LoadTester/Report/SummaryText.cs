namespace GameStack.LoadTester.Report;

/// <summary>Writes the summary for human readers; its last line is for programs.</summary>
internal static class SummaryText
{
    private const int MaxViolations = 10;

    public static void Write(LoadSummary summary, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine(
            $"Run {summary.Run} against {summary.TargetUrl}, matches of {summary.MatchDuration:0.######} s, --follow {summary.Follow}");
        output.WriteLine();
        WriteCounts(summary, output);
        output.WriteLine();
        WriteDurations(summary, output);
        WriteReasons("Failed", summary.Failures, output);
        WriteReasons("Retried calls", summary.Retries, output);
        WriteViolations(summary.Sessions.Violations, output);
        output.WriteLine();
        output.WriteLine($"matched {summary.Matched}, played {summary.Played}, failed {summary.Failed}");
    }

    private static void WriteCounts(LoadSummary summary, TextWriter output)
    {
        var sessions = summary.Sessions;
        var interrupted = summary.Interrupted ? $"   interrupted: {summary.Started} started, {summary.Stopped} stopped early" : "";
        output.WriteLine($"  players  {summary.Clients,8}{interrupted}");
        output.WriteLine($"  matched  {summary.Matched,8}");
        output.WriteLine($"  played   {summary.Played,8}");
        output.WriteLine($"  failed   {summary.Failed,8}");
        output.WriteLine(
            $"  matches  {sessions.Matches,8}   "
            + $"players each: min {sessions.SmallestSize}, avg {sessions.AverageSize:0.0}, max {sessions.LargestSize}");
        output.WriteLine($"  elapsed  {DurationText.Of(summary.Elapsed),8}   {summary.JoinsPerSecond:0.0} joins/s");
    }

    private static void WriteDurations(LoadSummary summary, TextWriter output)
    {
        output.WriteLine($"  {"phase",-22}{"count",8}{"p50",10}{"p90",10}{"p99",10}{"max",10}");
        foreach (var measure in Enum.GetValues<Measure>())
        {
            var durations = summary.Durations[measure.Name()];
            var columns = DurationText.Of(durations).Select(figure => $"{figure,10}");
            output.WriteLine($"  {measure.Label(),-22}{durations.Count,8}{string.Concat(columns)}");
        }
    }

    private static void WriteReasons(string title, IReadOnlyList<ReasonCount> reasons, TextWriter output)
    {
        if (reasons.Count == 0)
        {
            return;
        }

        output.WriteLine();
        output.WriteLine($"{title}:");
        foreach (var reason in reasons)
        {
            output.WriteLine($"  {reason.Count,8}  {reason.Reason}");
        }
    }

    private static void WriteViolations(IReadOnlyList<string> violations, TextWriter output)
    {
        if (violations.Count == 0)
        {
            return;
        }

        output.WriteLine();
        output.WriteLine("Contradictory answers:");
        foreach (var violation in violations.Take(MaxViolations))
        {
            output.WriteLine($"  {violation}");
        }

        if (violations.Count > MaxViolations)
        {
            output.WriteLine($"  and {violations.Count - MaxViolations} more");
        }
    }
}
