using System.Net.Sockets;
using System.Net.WebSockets;
using GameStack.Proxy.Gateway.Listening;

namespace GameStack.Proxy.Gateway.WebSockets;

/// <summary>
/// A player on a WebSocket. Where messages begin and end means nothing: they carry a stream of bytes, as TCP does. The server's bytes are
/// sent in the kind of message that the player used first, and in text before that.
/// </summary>
/// <param name="socket">The WebSocket.</param>
/// <param name="connection">The TCP connection that it has to itself; null if it shares one.</param>
internal sealed class WebSocketPeer(WebSocket socket, Socket? connection) : IPeer
{
    private readonly Utf8Boundary _boundary = new();
    private WebSocketMessageType? _kind;
    private bool _hasEnded;

    public long BytesAcknowledged => AcknowledgedBytes.Of(connection);

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!_hasEnded)
        {
            var received = await socket.ReceiveAsync(buffer, cancellationToken);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                _hasEnded = true;
                break;
            }

            _kind ??= received.MessageType;
            if (received.Count > 0 || buffer.IsEmpty)
                return received.Count;

            // An empty message is not the end.
        }

        return 0;
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        // A message in the middle of a character goes on as it has begun.
        var kind = _boundary.IsInside ? WebSocketMessageType.Text : _kind ?? WebSocketMessageType.Text;
        var endOfMessage = kind == WebSocketMessageType.Binary || _boundary.IsAfter(bytes.Span);
        return socket.SendAsync(bytes, kind, endOfMessage, CancellationToken.None);
    }

    public async ValueTask EndAsync() => await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

    public void Abort() => socket.Abort();
}
