using System.Text.Json.Serialization;

namespace GameStack.Backend.Queue.Redis;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MatchChangeMessage))]
internal sealed partial class MatchChangeJson : JsonSerializerContext;
