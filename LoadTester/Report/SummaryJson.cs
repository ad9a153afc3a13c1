using System.Text.Json.Serialization;

namespace GameStack.LoadTester.Report;

/// <summary>The summary's JSON, with snake_case names as in the match API.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(LoadSummary))]
internal sealed partial class SummaryJson : JsonSerializerContext;
