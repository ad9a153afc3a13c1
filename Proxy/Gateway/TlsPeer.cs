using System.Net.Security;
using System.Net.Sockets;
using GameStack.Proxy.Gateway.Listening;

namespace GameStack.Proxy.Gateway;

/// <summary>A player on a TCP connection with TLS.</summary>
internal sealed class TlsPeer(SslStream stream, Socket socket) : IPeer
{
    public long BytesAcknowledged => AcknowledgedBytes.Of(socket);

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        stream.ReadAsync(buffer, cancellationToken);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes);

    public async ValueTask EndAsync()
    {
        await stream.ShutdownAsync();
        socket.Shutdown(SocketShutdown.Send);
    }

    public void Abort() => socket.Dispose();
}
