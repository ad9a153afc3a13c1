using System.Text;
using System.Text.Json;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>What came back for one request.</summary>
internal sealed record HttpAnswer(int Code, string? MediaType, byte[] Body, bool Closes)
{
    /// <summary>What a server may answer by itself, before there is a request to speak of: then there need not be a body.</summary>
    private static readonly int[] BareCodes = [400, 405, 408, 411, 413, 414, 431, 505];

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>What is wrong with this as an answer to anything at all; null when it may be.</summary>
    /// <param name="hasBody">False after HEAD.</param>
    public string? Fault(bool hasBody)
    {
        if (Code >= 500 && Code != 505)
        {
            return "no input may cause this";
        }

        if (Code < 400 || !hasBody || (Body.Length == 0 && BareCodes.Contains(Code)))
        {
            return null;
        }

        return MediaType == "application/problem+json" && Number("status") == Code && Field("detail") is { Length: > 0 }
            ? null
            : "an error has to be a problem with a detail";
    }

    public string? Field(string name) =>
        Read(name, static value => value.ValueKind == JsonValueKind.String ? value.GetString() : null);

    private int? Number(string name) => Read<int?>(name, static value => value.ValueKind == JsonValueKind.Number ? value.GetInt32() : null);

    private T? Read<T>(string name, Func<JsonElement, T?> read)
    {
        try
        {
            using var json = JsonDocument.Parse(Body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(name, out var value)
                ? read(value)
                : default;
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
