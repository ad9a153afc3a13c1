using System.Net.Sockets;
using System.Net.WebSockets;

namespace GameStack.Proxy.Gateway;

/// <summary>One end of a carried connection: the player's, or the game server's.</summary>
internal interface IPeer
{
    /// <summary>Whether this exception of a peer means that its connection is lost, or was aborted here.</summary>
    static bool MeansLoss(Exception exception) => exception
        is IOException or SocketException or WebSocketException or ObjectDisposedException or OperationCanceledException;

    /// <summary>How many of the bytes sent to it the peer is known to have received; 0 where nobody can tell.</summary>
    long BytesAcknowledged { get; }

    /// <summary>
    /// Reads what has arrived; 0 at the end. With an empty buffer, waits until there is something to read, or the end, and returns 0.
    /// </summary>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Sends all of these bytes; waits while the peer does not read.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Says that nothing more comes. What the peer sends can still be read.</summary>
    ValueTask EndAsync();

    /// <summary>Closes the connection at once. A read or write that waits fails.</summary>
    void Abort();
}
