using System.Net;
using System.Net.Sockets;
using GameStack.Tests.Support;

namespace GameStack.Tests.GameServer.Lines;

/// <summary>Two ends of one connection: ours is a socket of the game server, theirs blocks.</summary>
internal sealed class SocketPair : IDisposable
{
    private SocketPair(Socket ours, Socket theirs)
    {
        (Ours, Theirs) = (ours, theirs);
        Ours.Blocking = false;
        Theirs.ReceiveTimeout = (int)Waits.Patient.TotalMilliseconds;
    }

    public Socket Ours { get; }

    public Socket Theirs { get; }

    /// <param name="bufferBytes">The kernel's buffer on both sides; small for a peer that is slow to read.</param>
    public static SocketPair Connect(int bufferBytes = 64 * 1024)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = bufferBytes };
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var theirs = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = bufferBytes };
        theirs.Connect(listener.LocalEndPoint!);
        return new SocketPair(listener.Accept(), theirs);
    }

    /// <summary>What the game server has sent, until it closes.</summary>
    public byte[] ReadToEnd()
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[4096];
        while (Theirs.Receive(buffer) is > 0 and var count)
        {
            bytes.Write(buffer, 0, count);
        }

        return bytes.ToArray();
    }

    public void Dispose()
    {
        Ours.Dispose();
        Theirs.Dispose();
    }
}
