using System.Buffers.Binary;
using System.Net.Sockets;

namespace GameStack.Proxy.Gateway.Listening;

/// <summary>What a connection's other end has received, as the kernel knows it.</summary>
internal static class AcknowledgedBytes
{
    // .NET has no names for these. Linux appends to tcp_info and never changes it.
    private const int Tcp = 6;
    private const int LinuxTcpInfo = 11;
    private const int BytesAckedOffset = 120;

    /// <summary>The bytes that were acknowledged so far; 0 on a closed socket, and on systems other than Linux.</summary>
    public static long Of(Socket? socket)
    {
        if (socket is null || !OperatingSystem.IsLinux())
            return 0;

        try
        {
            Span<byte> info = stackalloc byte[BytesAckedOffset + sizeof(long)];
            return socket.GetRawSocketOption(Tcp, LinuxTcpInfo, info) == info.Length
                ? BinaryPrimitives.ReadInt64LittleEndian(info[BytesAckedOffset..])
                : 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }
}
