using System.Net.Sockets;
using GameStack.Proxy.FrontDoor;
using GameStack.ServiceDefaults.Calling;
using GameStack.ServiceDefaults.Listening;

namespace GameStack.Proxy.Backends;

/// <summary>
/// Opens the connections to all backends, and bounds their number: as many as clients may have, and a few more. A call that would need one
/// more fails, but its backend has not failed it. <see cref="Forwarding.Retries"/> sends the call to another backend, where idle
/// connections may be the ones that are in the way.
/// </summary>
internal sealed class BackendConnections(ConnectionSlots clients)
{
    private readonly Slots _slots = new(clients.Capacity + HeldSlots.BackendConnectionsReserve, mostPerAddress: int.MaxValue);

    public async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        if (_slots.Take(address: null) != SlotOutcome.Taken)
        {
            throw new NoneLeftException($"All {_slots.Capacity} connections to backends are open.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await ClientConnection.ConnectAsync(socket, context.DnsEndPoint, cancellationToken);
            return new Connection(socket, _slots);
        }
        catch
        {
            socket.Dispose();
            _slots.Release(address: null);
            throw;
        }
    }

    /// <summary>Whether a call was not sent because it would have needed one connection more.</summary>
    public static bool WereUsedUp(Exception? failure) => failure is HttpRequestException { InnerException: NoneLeftException };

    private sealed class NoneLeftException(string message) : IOException(message);

    private sealed class Connection(Socket socket, Slots slots) : NetworkStream(socket, ownsSocket: true)
    {
        private int _isClosed;

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (Interlocked.Exchange(ref _isClosed, 1) == 0)
                slots.Release(address: null);
        }
    }
}
