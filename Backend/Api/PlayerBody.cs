using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using GameStack.Backend.Access;
using GameStack.Contracts.Api;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace GameStack.Backend.Api;

/// <summary>
/// The body of a call about one player, <c>{"player_id": "p1"}</c>: a valid player id, or what is wrong with the body. With a token, the
/// id may be absent, and so may the body. Binding by the framework would answer every fault alike, without a detail.
/// </summary>
internal readonly struct PlayerBody
{
    /// <summary>RFC 8259 asks for UTF-8. ASCII is a part of it.</summary>
    private static readonly string[] Charsets = ["utf-8", "utf8", "us-ascii"];

    private PlayerBody(string playerId) => PlayerId = playerId;

    private PlayerBody(ProblemHttpResult problem) => Problem = problem;

    public string? PlayerId { get; }

    public ProblemHttpResult? Problem { get; }

    [MemberNotNullWhen(true, nameof(PlayerId))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsValid => PlayerId is not null;

    public static async ValueTask<PlayerBody> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var context = request.HttpContext;
        var identity = context.RequestServices.GetRequiredService<PlayerIdentity>();
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return identity.IsRequired ? Of(null, identity, context) : new PlayerBody(Problems.BadBody());
        }

        if (!IsJsonInUtf8(request))
        {
            return new PlayerBody(Problems.NotJson());
        }

        using var body = new MemoryStream();
        try
        {
            await request.Body.CopyToAsync(body, cancellationToken);
        }
        catch (BadHttpRequestException exception)
        {
            return new PlayerBody(Problems.UnreadBody(exception.StatusCode));
        }

        return Read(body, identity, context);
    }

    private static PlayerBody Read(MemoryStream body, PlayerIdentity identity, HttpContext context)
    {
        try
        {
            body.Position = 0;
            return JsonSerializer.Deserialize(body, JoinRequestType(context)) is JoinRequest join
                ? Of(join.PlayerId, identity, context)
                : new PlayerBody(Problems.BadBody());
        }
        catch (JsonException)
        {
            return new PlayerBody(IsObject(body) ? Problems.BadPlayerId() : Problems.BadBody());
        }
    }

    private static PlayerBody Of(string? named, PlayerIdentity identity, HttpContext context) =>
        identity.TryResolve(context, named, out var playerId, out var problem) ? new PlayerBody(playerId) : new PlayerBody(problem);

    /// <summary>
    /// Whether the body is a JSON object in UTF-8. Then the only field that can be wrong is the player id: a number, for instance.
    /// </summary>
    private static bool IsObject(MemoryStream body)
    {
        try
        {
            // The document is not read into strings, so it would not notice.
            if (!Utf8.IsValid(body.GetBuffer().AsSpan(0, (int)body.Length)))
            {
                return false;
            }

            body.Position = 0;
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsJsonInUtf8(HttpRequest request) =>
        request.HasJsonContentType()
        && MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && (!type.Charset.HasValue
            || Charsets.Contains(HeaderUtilities.RemoveQuotes(type.Charset).ToString(), StringComparer.OrdinalIgnoreCase));

    private static JsonTypeInfo JoinRequestType(HttpContext context) =>
        context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions
            .GetTypeInfo(typeof(JoinRequest));
}
