using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>
/// Ends a call within 15 s when its client vanishes without closing the connection (a pulled cable, a lost network). The kernel's own
/// limits are hours, and an open event stream counts as a sign of life of a waiting player.
/// </summary>
internal static class VanishedPeers
{
    private const int IdleSeconds = 5;
    private const int ProbeSeconds = 5;
    private const int Probes = 2;

    // While sent bytes are not acknowledged, keepalive does nothing and this time-out applies. .NET has no name for it.
    private const int UnacknowledgedMilliseconds = 15_000;
    private const int LinuxTcpUserTimeout = 18;

    public static void EndCallsOfVanishedPeers(this IServiceCollection services) =>
        services.Configure<SocketTransportOptions>(options =>
        {
            var create = options.CreateBoundListenSocket;
            options.CreateBoundListenSocket = endpoint => Limit(create(endpoint), endpoint);
        });

    /// <summary>Accepted connections inherit the options of the socket that listens.</summary>
    private static Socket Limit(Socket socket, EndPoint endpoint)
    {
        if (endpoint is not IPEndPoint)
            return socket;

        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, IdleSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
        if (OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(
                (int)SocketOptionLevel.Tcp, LinuxTcpUserTimeout, BitConverter.GetBytes(UnacknowledgedMilliseconds));
        }

        return socket;
    }
}
