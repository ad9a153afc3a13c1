using System.Net;
using System.Net.Sockets;

namespace LocalServers;

/// <summary>A port that nobody listens on, for programs that must be told theirs.</summary>
public static class FreePort
{
    // Below the ports that systems give to outgoing connections, and to whoever asks for any (32768 and up on Linux):
    // one of those could be taken between the choice and the program's start.
    private const int First = 12_000;
    private const int Last = 29_999;

    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, Last + 1);
            if (IsFree(port))
            {
                return port;
            }
        }
    }

    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
