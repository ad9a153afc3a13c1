using System.Net;
using System.Net.Sockets;

namespace GameStack.ServiceDefaults.Calling;

/// <summary>How HTTP clients connect, so that a call that fails throws what .NET documents: an <see cref="HttpRequestException"/>.</summary>
public static class ClientConnection
{
    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    public static async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await ConnectAsync(socket, context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Connects a socket within a <see cref="SocketsHttpHandler.ConnectCallback"/>. The handler asks a new connection for the address of
    /// its peer. If the peer has already reset the connection, that fails, and the handler lets a bare <see cref="SocketException"/> out.
    /// The address is asked for here first, and then known: the handler wraps what its callback throws.
    /// </summary>
    /// <exception cref="SocketException">There is no connection.</exception>
    public static async ValueTask ConnectAsync(Socket socket, EndPoint address, CancellationToken cancellationToken)
    {
        await socket.ConnectAsync(address, cancellationToken);
        _ = socket.RemoteEndPoint;
    }
}
