using System.Net.Sockets;
using GameStack.Proxy.FrontDoor;
using GameStack.ServiceDefaults.Listening;

namespace GameStack.Proxy.Backends;

/// <summary>
/// Opens the connections to all backends, and bounds their number: as many as clients may have, and a few more. A call that would need one
/// more fails as if the backend could not be reached, so <see cref="Forwarding.Retries"/> sends it to another backend, where idle
/// connections may be the ones that are in the way.
/// </summary>
internal sealed class BackendConnections(ConnectionPlaces clients)
{
    private readonly Places _places = new(clients.Capacity + HeldPlaces.BackendConnectionsReserve, mostPerAddress: int.MaxValue);

    public async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        if (_places.Take(address: null) != PlaceOutcome.Taken)
        {
            throw new IOException($"All {_places.Capacity} connections to backends are open.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new Connection(socket, _places);
        }
        catch
        {
            socket.Dispose();
            _places.Release(address: null);
            throw;
        }
    }

    private sealed class Connection(Socket socket, Places places) : NetworkStream(socket, ownsSocket: true)
    {
        private int _isClosed;

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (Interlocked.Exchange(ref _isClosed, 1) == 0)
                places.Release(address: null);
        }
    }
}
