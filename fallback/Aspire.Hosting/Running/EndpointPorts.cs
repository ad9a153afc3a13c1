using Aspire.Hosting.ApplicationModel;
using LocalServers;

namespace Aspire.Hosting.Running;

internal static class EndpointPorts
{
    /// <summary>Gives every endpoint a port of its own.</summary>
    public static void Allocate(IEnumerable<Endpoint> endpoints)
    {
        HashSet<int> given = [];
        foreach (var endpoint in endpoints)
        {
            var isWanted = endpoint.Port is > 0 && (!endpoint.MayMove || FreePort.IsFree(endpoint.Port.Value));
            var port = isWanted ? endpoint.Port!.Value : FreePort.Next();
            while (!given.Add(port) && !isWanted)
            {
                port = FreePort.Next();
            }

            endpoint.AllocatedPort = port;
        }
    }
}
