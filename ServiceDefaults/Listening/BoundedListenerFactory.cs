using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>The server's usual sockets, with <see cref="ConnectionPlaces"/> in front.</summary>
internal sealed class BoundedListenerFactory(SocketTransportFactory sockets, ConnectionPlaces places)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => sockets.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(await sockets.BindAsync(endpoint, cancellationToken), places);

    private sealed class Listener(IConnectionListener listener, ConnectionPlaces places) : IConnectionListener
    {
        public EndPoint EndPoint => listener.EndPoint;

        /// <summary>The server accepts one connection after the other, so at most one more than there are places is ever open.</summary>
        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await listener.AcceptAsync(cancellationToken) is { } connection)
            {
                if (places.Admit(connection) is { } admitted)
                {
                    return admitted;
                }

                connection.Abort(new ConnectionAbortedException("There is no place for this connection."));
                _ = connection.DisposeAsync().AsTask();
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => listener.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => listener.DisposeAsync();
    }
}
