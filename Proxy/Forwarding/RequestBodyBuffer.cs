using GameStack.Proxy.FrontDoor;
using Microsoft.AspNetCore.Http.Features;

namespace GameStack.Proxy.Forwarding;

/// <summary>
/// Reads the whole body of a call before a backend is chosen. Bodies have only a few bytes, a slow client never keeps a backend waiting,
/// and the call can be sent a second time.
/// </summary>
internal sealed class RequestBodyBuffer(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            await next(context);
            return;
        }

        if (context.Request.ContentLength > RequestLimits.MaxBodyBytes)
        {
            await TooLargeAsync(context);
            return;
        }

        byte[] body;
        try
        {
            body = await ReadAsync(context.Request, context.RequestAborted);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await TooLargeAsync(context);
            return;
        }
        catch (IOException exception)
        {
            // A chunk size beyond all limits causes a plain IOException.
            context.Response.Headers.Connection = "close";
            var code = exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status400BadRequest;
            await Problem.WriteAsync(context, code, "The request's body did not arrive as its headers announced it.");
            return;
        }

        context.Request.Headers.TransferEncoding = default;
        context.Request.ContentLength = body.Length;
        context.Request.Body = new MemoryStream(body, writable: false);
        await next(context);
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength is { } length)
        {
            var body = new byte[length];
            await request.Body.ReadExactlyAsync(body, cancellationToken);
            return body;
        }

        // Chunked: the server's own limit ends the read.
        using var chunks = new MemoryStream();
        await request.Body.CopyToAsync(chunks, cancellationToken);
        return chunks.ToArray();
    }

    private static Task TooLargeAsync(HttpContext context)
    {
        // The rest of the body is not read, so nothing else can come over this connection.
        context.Response.Headers.Connection = "close";
        var detail = $"A request's body may have at most {RequestLimits.MaxBodyBytes} bytes.";
        return Problem.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, detail);
    }
}
