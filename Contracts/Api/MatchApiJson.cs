using System.Text.Json.Serialization;

namespace GameStack.Contracts.Api;

/// <summary>The match API's JSON: snake_case names, absent fields left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JoinRequest))]
[JsonSerializable(typeof(JoinResponse))]
[JsonSerializable(typeof(StatusResponse))]
[JsonSerializable(typeof(ActiveSessionsResponse))]
[JsonSerializable(typeof(CleanupResponse))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
public sealed partial class MatchApiJson : JsonSerializerContext;
