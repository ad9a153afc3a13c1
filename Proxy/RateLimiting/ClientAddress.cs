using System.Net;
using System.Net.Sockets;

namespace GameStack.Proxy.RateLimiting;

internal static class ClientAddress
{
    private const int HostBytesOfIPv6 = 8;

    /// <summary>
    /// Returns an IPv4 address itself, or the /64 network of an IPv6 address, because a client with one address of a /64 has all of them.
    /// </summary>
    public static IPAddress NetworkOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(HostBytesOfIPv6).Clear();
        return new IPAddress(bytes);
    }
}
