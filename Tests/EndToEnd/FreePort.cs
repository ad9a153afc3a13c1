using System.Net;
using System.Net.Sockets;

namespace GameStack.Tests.EndToEnd;

/// <summary>A port that nobody listens on, for programs that must be told theirs.</summary>
public static class FreePort
{
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
