using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>
/// Ends a call within 15 s when its client vanishes without closing the connection (a pulled cable, a lost network). The kernel's own
/// limits are hours, and an open event stream counts as a sign of life of a waiting player.
/// </summary>
public static class VanishedPeers
{
    private const int IdleSeconds = 5;
    private const int ProbeSeconds = 5;
    private const int Probes = 2;

    // While sent bytes are not acknowledged, keepalive does nothing and this time-out applies. .NET has no name for it.
    private const int LinuxTcpUserTimeout = 18;
    private static readonly TimeSpan Unacknowledged = TimeSpan.FromSeconds(15);

    internal static void EndCallsOfVanishedPeers(this IServiceCollection services) =>
        services.Configure<SocketTransportOptions>(options =>
        {
            var create = options.CreateBoundListenSocket;
            options.CreateBoundListenSocket = endpoint => Limit(create(endpoint), endpoint);
        });

    /// <summary>Ends the connections of a socket, or of those that it accepts, when their peer vanishes.</summary>
    /// <param name="socket">A TCP socket.</param>
    /// <param name="unacknowledged">How long a peer may neither acknowledge nor read what was sent to it. Only on Linux.</param>
    public static void Limit(Socket socket, TimeSpan unacknowledged)
    {
        ArgumentNullException.ThrowIfNull(socket);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, IdleSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
        if (OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(
                (int)SocketOptionLevel.Tcp, LinuxTcpUserTimeout, BitConverter.GetBytes((int)unacknowledged.TotalMilliseconds));
        }
    }

    private static Socket Limit(Socket socket, EndPoint endpoint)
    {
        if (endpoint is IPEndPoint)
            Limit(socket, Unacknowledged);

        return socket;
    }
}
