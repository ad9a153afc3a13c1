using System.Net.Sockets;
using GameStack.Proxy.Gateway.Listening;

namespace GameStack.Proxy.Gateway;

/// <summary>A peer on a plain TCP connection.</summary>
internal sealed class SocketPeer(Socket socket) : IPeer
{
    public long BytesAcknowledged => AcknowledgedBytes.Of(socket);

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        socket.ReceiveAsync(buffer, cancellationToken);

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes)..];
        }
    }

    public ValueTask EndAsync()
    {
        socket.Shutdown(SocketShutdown.Send);
        return ValueTask.CompletedTask;
    }

    public void Abort() => socket.Dispose();
}
