using System.Net;
using System.Text.Json;

namespace GameStack.Tests.Support;

/// <summary>An HTTP answer as it came: nothing of it is bound to a type of the product.</summary>
/// <param name="Code">The status code.</param>
/// <param name="MediaType">The content type, without its charset.</param>
/// <param name="Body">The JSON of the body; <see cref="JsonValueKind.Undefined"/> when it was not JSON.</param>
/// <param name="Raw">The body as text.</param>
public sealed record ApiAnswer(HttpStatusCode Code, string? MediaType, JsonElement Body, string Raw)
{
    public string Text(string field) => Field(field).GetString() ?? throw new InvalidDataException($"'{field}' is null in {Raw}");

    public int Number(string field) => Field(field).GetInt32();

    public string[] Texts(string field) => [.. Field(field).EnumerateArray().Select(item => item.GetString()!)];

    public JsonElement Field(string field) =>
        Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty(field, out var value)
            ? value
            : throw new InvalidDataException($"no '{field}' in {(int)Code} {Raw}");

    /// <summary>This answer, when it is a 200; otherwise the test fails with what was said instead.</summary>
    public ApiAnswer Ok()
    {
        Assert.True(Code == HttpStatusCode.OK, $"200 expected, got {(int)Code}: {Raw}");
        return this;
    }

    /// <summary>Asserts that this is an error as RFC 9457 describes it, and that it says what is wrong.</summary>
    public void IsProblem(HttpStatusCode code)
    {
        Assert.True(Code == code, $"{(int)code} expected, got {(int)Code}: {Raw}");
        Assert.Equal("application/problem+json", MediaType);
        Assert.Equal((int)code, Number("status"));
        Assert.NotEmpty(Text("title"));
        Assert.NotEmpty(Text("detail"));
    }

    public static async Task<ApiAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var raw = await response.Content.ReadAsStringAsync(cancellationToken);
        var mediaType = response.Content.Headers.ContentType?.MediaType;
        return new ApiAnswer(response.StatusCode, mediaType, IsJson(mediaType) ? Parse(raw) : default, raw);
    }

    private static bool IsJson(string? mediaType) => mediaType?.EndsWith("json", StringComparison.OrdinalIgnoreCase) == true;

    private static JsonElement Parse(string raw)
    {
        using var document = JsonDocument.Parse(raw);
        return document.RootElement.Clone();
    }
}
