using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>Addresses that may all be one client's, so that together they have a limit.</summary>
/// <param name="Addresses">The addresses.</param>
/// <param name="Shares">How many times what one client may have they may have together.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ClientNetwork(IPNetwork Addresses, int Shares)
{
    /// <summary>An IPv4 address alone, or the /64 of an IPv6 address: a client with one address of a /64 has all of them.</summary>
    public static ClientNetwork Of(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.AddressFamily == AddressFamily.InterNetworkV6
            ? new ClientNetwork(NetworkOf(plain, 64), Shares: 1)
            : new ClientNetwork(new IPNetwork(plain, 32), Shares: 1);
    }

    /// <summary>
    /// The /48 of an IPv6 address, null for IPv4. Some clients have all of a /48, and with it 65,536 networks of the kind that
    /// <see cref="Of"/> returns; others share one with many clients, so it may have twice as much.
    /// </summary>
    public static ClientNetwork? Around(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false }
            ? new ClientNetwork(NetworkOf(address, 48), Shares: 2)
            : null;
    }

    private static IPNetwork NetworkOf(IPAddress address, int bits)
    {
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(bits / 8).Clear();
        return new IPNetwork(new IPAddress(bytes), bits);
    }
}
