using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace GameStack.Proxy.Gateway.Listening;

/// <summary>Kestrel's transport for the gateway: see <see cref="SocketConnection"/>.</summary>
/// <param name="socket">The socket that listens for the only endpoint.</param>
internal sealed class SocketListenerFactory(Socket socket) : IConnectionListenerFactory
{
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new SocketListener(socket));
}
