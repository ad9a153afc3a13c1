using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace GameStack.Backend.Api;

/// <summary>
/// Accepts JSON in UTF-8 (RFC 8259) in every spelling, such as <c>charset="UTF-8"</c> or <c>charset=utf8</c>, and answers 415 to any other
/// charset. Without this check, binding the body would throw on a charset name that it does not know, including a quoted name.
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
