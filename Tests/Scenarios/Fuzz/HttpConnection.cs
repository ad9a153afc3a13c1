using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>A connection that sends any bytes and reads answers as RFC 9112 frames them.</summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    private HttpConnection()
    {
    }

    public static async Task<HttpConnection> ConnectAsync(Uri server, CancellationToken cancellationToken)
    {
        var connection = new HttpConnection();
        await connection._socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Port), cancellationToken);
        return connection;
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>False when the server has closed.</summary>
    public async Task<bool> TrySendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[await _socket.SendAsync(bytes, cancellationToken)..];
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Nothing more will be sent, whatever was announced.</summary>
    public void EndInput()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server was first.
        }
    }

    /// <summary>The next answer; null when the server closes without one.</summary>
    public async Task<HttpAnswer?> ReadAsync(bool hasBody, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                if (await ReadHeadAsync(cancellationToken) is not { } head)
                {
                    return null;
                }

                var code = int.Parse(head.AsSpan("HTTP/1.1 ".Length, 3), CultureInfo.InvariantCulture);
                if (code >= 200)
                {
                    var body = hasBody && code is not (204 or 304) ? await ReadBodyAsync(head, cancellationToken) : [];
                    var closes = string.Equals(Header(head, "Connection"), "close", StringComparison.OrdinalIgnoreCase);
                    return new HttpAnswer(code, Header(head, "Content-Type")?.Split(';')[0], body, closes);
                }
            }
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static string? Header(string head, string name)
    {
        var at = head.IndexOf($"\r\n{name}:", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }

        var start = at + name.Length + 3;
        return head[start..head.IndexOf("\r\n", start, StringComparison.Ordinal)].Trim();
    }

    private async Task<string?> ReadHeadAsync(CancellationToken cancellationToken)
    {
        int length;
        while ((length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await FillAsync(cancellationToken))
            {
                return null;
            }
        }

        return Encoding.Latin1.GetString(Take(length + 4));
    }

    private async Task<byte[]> ReadBodyAsync(string head, CancellationToken cancellationToken)
    {
        if (Header(head, "Content-Length") is { } length)
        {
            return await TakeAsync(int.Parse(length, CultureInfo.InvariantCulture), cancellationToken);
        }

        using var body = new MemoryStream();
        if (Header(head, "Transfer-Encoding") is not null)
        {
            while (int.Parse(
                await TakeLineAsync(cancellationToken), NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var size)
            {
                body.Write(await TakeAsync(size, cancellationToken));
                await TakeLineAsync(cancellationToken);
            }

            await TakeLineAsync(cancellationToken);
            return body.ToArray();
        }

        while (await FillAsync(cancellationToken))
        {
        }

        body.Write(Take(_end - _start));
        return body.ToArray();
    }

    private async Task<string> TakeLineAsync(CancellationToken cancellationToken)
    {
        int length;
        while ((length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0)
        {
            await FillOrThrowAsync(cancellationToken);
        }

        return Encoding.Latin1.GetString(Take(length + 2)).TrimEnd();
    }

    private async Task<byte[]> TakeAsync(int count, CancellationToken cancellationToken)
    {
        while (_end - _start < count)
        {
            await FillOrThrowAsync(cancellationToken);
        }

        return Take(count);
    }

    private byte[] Take(int count)
    {
        var taken = _buffer.AsSpan(_start, count).ToArray();
        _start += count;
        return taken;
    }

    private async Task FillOrThrowAsync(CancellationToken cancellationToken)
    {
        if (!await FillAsync(cancellationToken))
        {
            throw new InvalidDataException($"{FuzzRun.Name}: an answer ended before it was complete.");
        }
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }

        var count = await _socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += count;
        return count > 0;
    }
}
