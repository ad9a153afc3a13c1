using System.Net;
using System.Net.Sockets;

namespace GameStack.Bench.Gateway;

/// <summary>The load side of connections.</summary>
internal static class Player
{
    // Linux: IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT. The kernel chooses the port when it connects, so that ports of other peers count as free.
    private const int IpLevel = 0;
    private const int BindAddressNoPort = 24;

    private static int _next;

    /// <summary>Connects from one of many loopback addresses, since a single one has too few ports, and sends the opening.</summary>
    public static async Task<Socket> ConnectAsync(int port, byte[] opening)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            var host = (uint)Interlocked.Increment(ref _next) % 200;
            socket.SetRawSocketOption(IpLevel, BindAddressNoPort, BitConverter.GetBytes(1));
            socket.Bind(new IPEndPoint(new IPAddress([127, 0, 1, (byte)(host + 1)]), 0));
            await socket.ConnectAsync(IPAddress.Loopback, port);
            await socket.SendAsync(opening);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static async Task WaitUntilListeningAsync(int port)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (tries < 600)
            {
                await Task.Delay(50);
            }
        }
    }
}
