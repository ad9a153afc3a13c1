using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>The server's usual sockets, with <see cref="ConnectionSlots"/> in front.</summary>
internal sealed class BoundedListenerFactory(SocketTransportFactory sockets, ConnectionSlots slots)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => sockets.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(await sockets.BindAsync(endpoint, cancellationToken), slots);

    private sealed class Listener(IConnectionListener listener, ConnectionSlots slots) : IConnectionListener
    {
        public EndPoint EndPoint => listener.EndPoint;

        /// <summary>The server accepts one connection after the other, so at most one more than there are slots is ever open.</summary>
        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await listener.AcceptAsync(cancellationToken) is { } connection)
            {
                if (slots.Admit(connection) is { } admitted)
                {
                    return admitted;
                }

                connection.Abort(new ConnectionAbortedException("There is no slot for this connection."));
                _ = connection.DisposeAsync().AsTask();
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => listener.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => listener.DisposeAsync();
    }
}
