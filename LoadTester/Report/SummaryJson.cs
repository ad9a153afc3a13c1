using System.Text.Json.Serialization;

namespace GameStack.LoadTester.Report;

/// <summary>The summary's JSON: snake_case names, as the match API has them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(LoadSummary))]
internal sealed partial class SummaryJson : JsonSerializerContext;
