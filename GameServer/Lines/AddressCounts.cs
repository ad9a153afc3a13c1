using System.Net;
using System.Net.Sockets;

namespace GameStack.GameServer.Lines;

/// <summary>How many connections each address has. Not thread-safe.</summary>
internal sealed class AddressCounts
{
    /// <summary>Only addresses with a connection.</summary>
    private readonly Dictionary<IPAddress, int> _counts = [];

    /// <summary>What the peer's address counts as: itself, or its network of 64 bits for IPv6, which is what one machine has.</summary>
    public static IPAddress KeyOf(Socket socket) => KeyOf((socket.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None);

    /// <inheritdoc cref="KeyOf(Socket)"/>
    public static IPAddress KeyOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    public int Of(IPAddress address) => _counts.GetValueOrDefault(address);

    public void Add(IPAddress address) => _counts[address] = Of(address) + 1;

    public void Remove(IPAddress address)
    {
        var left = _counts[address] - 1;
        if (left > 0)
        {
            _counts[address] = left;
        }
        else
        {
            _counts.Remove(address);
        }
    }
}
