using System.Globalization;
using System.Text;
using System.Text.Json;

namespace GameStack.AppHost.Commands;

/// <summary>The result of a load test.</summary>
/// <param name="Outcome"><c>matched 60, played 60, failed 0</c>.</param>
/// <param name="Markdown">The outcome, the reasons for failures, and the percentiles of each phase.</param>
internal sealed record LoadReport(string Outcome, string Markdown)
{
    private static readonly string[] Figures = ["p50", "p90", "p99", "max"];

    /// <summary>
    /// Reads the load tester's summary: <c>{"matched": 60, "played": 60, "failed": 0, "failures": [{"reason": "…", "count": 1}],
    /// "durations": {"join": {"count": 60, "p50": 0.27, …}, …}}</c>, with durations in seconds. Returns null if the JSON is not
    /// complete.
    /// </summary>
    public static LoadReport? Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Of(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static LoadReport Of(JsonElement summary)
    {
        string[] counts = ["matched", "played", "failed"];
        var outcome = string.Join(", ", counts.Select(name => $"{name} {summary.GetProperty(name)}"));
        var text = new StringBuilder().AppendLine(outcome).AppendLine();
        foreach (var failure in summary.GetProperty("failures").EnumerateArray())
        {
            text.AppendLine($"* {failure.GetProperty("count")} × {failure.GetProperty("reason").GetString()}");
        }

        text.AppendLine().AppendLine("| phase | count | p50 ms | p90 ms | p99 ms | max ms |").AppendLine("|---|--:|--:|--:|--:|--:|");
        foreach (var phase in summary.GetProperty("durations").EnumerateObject())
        {
            var milliseconds = Figures.Select(name => phase.Value.GetProperty(name).GetDouble() * 1000);
            var figures = string.Join(" | ", milliseconds.Select(figure => figure.ToString("0.0", CultureInfo.InvariantCulture)));
            text.AppendLine($"| {phase.Name.Replace('_', ' ')} | {phase.Value.GetProperty("count")} | {figures} |");
        }

        return new LoadReport(outcome, text.ToString());
    }
}
