using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace GameStack.Backend.Api;

/// <summary>
/// JSON is UTF-8 (RFC 8259), however that is written: <c>charset="UTF-8"</c>, <c>charset=utf8</c>. Anything else is answered 415, where the
/// binding of the body would throw at a name it does not know, quotes included.
/// </summary>
internal sealed class JsonCharset(RequestDelegate next)
{
    private static readonly string[] Utf8 = ["utf-8", "utf8", "us-ascii"];

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is null
            || !MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            || !type.Charset.HasValue)
        {
            return next(context);
        }

        if (!Utf8.Contains(HeaderUtilities.RemoveQuotes(type.Charset).ToString(), StringComparer.OrdinalIgnoreCase))
        {
            return Problems.NotUtf8().ExecuteAsync(context);
        }

        type.Charset = StringSegment.Empty;
        context.Request.ContentType = type.ToString();
        return next(context);
    }
}
