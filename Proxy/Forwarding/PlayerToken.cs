using System.Buffers;
using System.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;

namespace GameStack.Proxy.Forwarding;

/// <summary>
/// The token by which a player proves who it is. Only the backend checks it. It comes as <c>Authorization: Bearer</c>, or, for event
/// streams, in the query, since browsers cannot set headers there.
/// </summary>
internal static class PlayerToken
{
    private const string QueryParameter = "access_token";

    /// <summary>What a token may consist of (RFC 6750).</summary>
    private static readonly SearchValues<char> Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

    /// <summary>The token, however the scheme before it is spelled; null if there is none.</summary>
    public static string? Of(HttpRequest request) =>
        request.Headers.Authorization is [{ Length: > 0 } header, ..] ? header.TrimEnd().Split(' ')[^1]
        : request.Query[QueryParameter] is [{ Length: > 0 } token, ..] ? token
        : null;

    /// <summary>Whether the text has only characters that a token, or a ticket, may consist of.</summary>
    public static bool HasOnlyLetters(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Letters);

    /// <summary>Moves a token from the query to a header: queries are seen in more logs and traces than headers are.</summary>
    public static ValueTask MoveToHeaderAsync(RequestTransformContext context)
    {
        if (context.Query.Collection.TryGetValue(QueryParameter, out var tokens))
        {
            context.Query.Collection.Remove(QueryParameter);
            if (context.ProxyRequest.Headers.Authorization is null
                && tokens is [{ Length: > 0 } token] && HasOnlyLetters(token))
            {
                context.ProxyRequest.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }
        }

        return ValueTask.CompletedTask;
    }
}
