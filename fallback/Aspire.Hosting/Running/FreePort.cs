using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

internal static class FreePort
{
    /// <summary>Gives every endpoint a port. They are all held until the last one is chosen, so that none comes twice.</summary>
    public static void Allocate(IEnumerable<Endpoint> endpoints)
    {
        List<TcpListener> held = [];
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Port is { } wanted and > 0 && (!endpoint.MayMove || IsFree(wanted)))
            {
                endpoint.AllocatedPort = wanted;
                continue;
            }

            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            held.Add(listener);
            endpoint.AllocatedPort = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        held.ForEach(listener => listener.Dispose());
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
