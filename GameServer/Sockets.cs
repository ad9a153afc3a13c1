using System.Net;
using System.Net.Sockets;
using GameStack.GameServer.Game;

namespace GameStack.GameServer;

/// <summary>How both ports are bound.</summary>
internal static class Sockets
{
    // In seconds: a peer that disappears without a word is noticed after 10 + 3 × 5.
    private const int KeepAliveIdle = 10;
    private const int KeepAliveInterval = 5;
    private const int KeepAliveProbes = 3;

    // Linux, <netinet/tcp.h>: the same limit for a peer that owes an acknowledgement, since such a peer gets no probes.
    private const int TcpLevel = 6;
    private const int TcpUserTimeout = 18;
    private const int UserTimeoutMilliseconds = 25_000;

    /// <summary>Returns a bound socket that does not listen yet. The connections that it accepts inherit its options.</summary>
    /// <exception cref="SocketException">The address is taken, or does not belong to this machine.</exception>
    public static Socket Bind(IPEndPoint endPoint)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (endPoint.Address.Equals(IPAddress.IPv6Any))
        {
            socket.DualMode = true;
        }

        socket.NoDelay = true;
        socket.SendBufferSize = GameCapacity.SocketBufferBytes;
        socket.ReceiveBufferSize = GameCapacity.SocketBufferBytes;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, optionValue: true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveIdle);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveInterval);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
        if (OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(TcpLevel, TcpUserTimeout, BitConverter.GetBytes(UserTimeoutMilliseconds));
        }

        socket.Bind(endPoint);
        return socket;
    }
}
