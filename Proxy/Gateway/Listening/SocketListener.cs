using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace GameStack.Proxy.Gateway.Listening;

/// <summary>Accepts <see cref="SocketConnection"/>s for Kestrel.</summary>
internal sealed class SocketListener(Socket socket) : IConnectionListener
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(10);

    public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                return new SocketConnection(await socket.AcceptAsync(cancellationToken));
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return null; // Unbound.
            }
            catch (SocketException)
            {
                // The client has left already, or this process has no descriptor left for it until another connection ends.
                await Task.Delay(AfterFailure, cancellationToken);
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => DisposeAsync();

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
