using System.Net;
using System.Net.Sockets;
using GameStack.ServiceDefaults.Listening;

namespace GameStack.Proxy.Gateway.Listening;

/// <summary>How the gateway's sockets are made, on both sides.</summary>
internal static class GatewaySockets
{
    /// <summary>Players may come all at once. The kernel has its own limit, too.</summary>
    private const int Backlog = 4096;

    /// <summary>As long as a game server waits for a player who does not read.</summary>
    private static readonly TimeSpan Unacknowledged = TimeSpan.FromSeconds(25);

    /// <summary>Returns a socket that listens on every address. The connections that it accepts inherit its options.</summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static Socket Listen(int port)
    {
        var socket = Make();
        try
        {
            socket.Bind(new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, port));
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Returns a socket for either IP version, where the machine has both.</summary>
    public static Socket Make()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        VanishedPeers.Limit(socket, Unacknowledged);
        return socket;
    }
}
