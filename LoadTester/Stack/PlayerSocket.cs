using System.Net;
using System.Net.Sockets;
using GameStack.ServiceDefaults.Calling;

namespace GameStack.LoadTester.Stack;

/// <summary>A player's TCP socket. At most <see cref="OpenFiles.MostSockets"/> are open at a time.</summary>
internal sealed class PlayerSocket : Socket
{
    private static int _open;
    private int _isCounted;

    private PlayerSocket()
        : base(SocketType.Stream, ProtocolType.Tcp) => NoDelay = true;

    /// <exception cref="SocketException">
    /// <see cref="SocketError.TooManyOpenSockets"/>, also if only the runtime's own descriptors are left.
    /// </exception>
    public static PlayerSocket Open()
    {
        if (Interlocked.Increment(ref _open) > OpenFiles.MostSockets)
        {
            Interlocked.Decrement(ref _open);
            throw new SocketException((int)SocketError.TooManyOpenSockets);
        }

        try
        {
            return new PlayerSocket { _isCounted = 1 };
        }
        catch
        {
            Interlocked.Decrement(ref _open);
            throw;
        }
    }

    /// <exception cref="SocketException">The connection cannot be opened.</exception>
    public static async ValueTask<Stream> OpenAsync(EndPoint address, CancellationToken cancellationToken)
    {
        var socket = Open();
        try
        {
            await ClientConnection.ConnectAsync(socket, address, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>For the connections of an HTTP handler.</summary>
    public static ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        OpenAsync(context.DnsEndPoint, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (Interlocked.Exchange(ref _isCounted, 0) == 1)
        {
            Interlocked.Decrement(ref _open);
        }
    }
}
