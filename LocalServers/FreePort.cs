using System.Net;
using System.Net.Sockets;

namespace LocalServers;

/// <summary>Finds a port that no program listens on, for programs that must be told their port.</summary>
public static class FreePort
{
    // Below the ephemeral ports (32768 and up on Linux), which the system gives to outgoing connections and to programs that ask for any
    // port. An ephemeral port could be taken between the choice and the program's start.
    private const int First = 12_000;
    private const int Last = 29_999;

    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, Last + 1);
            if (WhyUnusable(port) is null)
            {
                return port;
            }
        }
    }

    /// <summary>Why this process cannot listen on the port; null if it can.</summary>
    public static SocketError? WhyUnusable(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }
}
