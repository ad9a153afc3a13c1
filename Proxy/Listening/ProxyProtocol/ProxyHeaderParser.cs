using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GameStack.Proxy.Listening.ProxyProtocol;

/// <summary>
/// Reads the header of the PROXY protocol, versions 1 and 2 (https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt). Version 1 is a
/// line, <c>PROXY TCP4 203.0.113.7 192.0.2.1 51234 443\r\n</c>. Version 2 is binary: a signature, version and command, address family, the
/// length of the rest, both addresses, both ports, and further values that are skipped.
/// </summary>
internal static class ProxyHeaderParser
{
    /// <summary>The longest header that is read. The protocol allows 64 KiB, which nothing needs.</summary>
    public const int MaxBytes = 4096;

    /// <summary>The longest line of version 1, with its end.</summary>
    private const int MaxLineBytes = 107;

    /// <summary>Signature, version and command, family, and length of the rest in version 2.</summary>
    private const int PrefixBytes = 16;

    private const int Version2 = 0x2;
    private const int LocalCommand = 0x0;
    private const int ProxyCommand = 0x1;
    private const int NoFamily = 0x00;
    private const int TcpOverIPv4 = 0x11;
    private const int TcpOverIPv6 = 0x21;
    private const int UnixStream = 0x31;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    private static ReadOnlySpan<byte> LineBeginning => "PROXY "u8;

    /// <param name="bytes">The first bytes of a connection, as many as there are, up to <see cref="MaxBytes"/>.</param>
    /// <param name="header">The header, if it is complete.</param>
    public static ProxyHeaderState Parse(ReadOnlySpan<byte> bytes, out ProxyHeader header)
    {
        header = default;
        if (MayBegin(bytes, Signature))
            return bytes.Length < PrefixBytes ? ProxyHeaderState.Incomplete : ParseBinary(bytes, out header);
        return MayBegin(bytes, LineBeginning) ? ParseLine(bytes, out header) : ProxyHeaderState.Malformed;
    }

    private static bool MayBegin(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> beginning) =>
        bytes.Length < beginning.Length ? beginning.StartsWith(bytes) : bytes.StartsWith(beginning);

    private static ProxyHeaderState ParseBinary(ReadOnlySpan<byte> bytes, out ProxyHeader header)
    {
        header = default;
        var (version, command, family) = (bytes[12] >> 4, bytes[12] & 0xF, bytes[13]);
        var length = PrefixBytes + BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        if (version != Version2 || command is not (LocalCommand or ProxyCommand) || length > MaxBytes)
            return ProxyHeaderState.Malformed;
        if (bytes.Length < length)
            return ProxyHeaderState.Incomplete;

        var addresses = bytes[PrefixBytes..length];
        switch (command, family)
        {
            case (LocalCommand, _) or (ProxyCommand, NoFamily or UnixStream):
                header = new ProxyHeader(length, Client: null);
                return ProxyHeaderState.Complete;
            case (ProxyCommand, TcpOverIPv4) when addresses.Length >= 12:
                header = new ProxyHeader(length, EndPoint(addresses[..4], addresses[8..]));
                return ProxyHeaderState.Complete;
            case (ProxyCommand, TcpOverIPv6) when addresses.Length >= 36:
                header = new ProxyHeader(length, EndPoint(addresses[..16], addresses[32..]));
                return ProxyHeaderState.Complete;
            default:
                return ProxyHeaderState.Malformed;
        }
    }

    private static IPEndPoint EndPoint(ReadOnlySpan<byte> address, ReadOnlySpan<byte> port) =>
        new(new IPAddress(address), BinaryPrimitives.ReadUInt16BigEndian(port));

    private static ProxyHeaderState ParseLine(ReadOnlySpan<byte> bytes, out ProxyHeader header)
    {
        header = default;
        var end = bytes[..Math.Min(bytes.Length, MaxLineBytes)].IndexOf((byte)'\n');
        if (end < 0)
            return bytes.Length < MaxLineBytes ? ProxyHeaderState.Incomplete : ProxyHeaderState.Malformed;
        if (bytes[end - 1] != '\r' || !TryReadClient(Encoding.Latin1.GetString(bytes[..(end - 1)]).Split(' '), out var client))
            return ProxyHeaderState.Malformed;

        header = new ProxyHeader(end + 1, client);
        return ProxyHeaderState.Complete;
    }

    private static bool TryReadClient(string[] words, out IPEndPoint? client)
    {
        client = null;
        if (words[1] == "UNKNOWN")
            return true;

        if (words is not [_, "TCP4" or "TCP6", var source, var destination, var sourcePort, var destinationPort]
            || ReadAddress(words[1], source) is not { } address
            || ReadAddress(words[1], destination) is null
            || ReadPort(sourcePort) is not { } port
            || ReadPort(destinationPort) is null)
        {
            return false;
        }

        client = new IPEndPoint(address, port);
        return true;
    }

    /// <summary>
    /// Returns null for spellings that .NET takes and the protocol does not: <c>127.1</c>, <c>0x7f.0.0.1</c>, <c>[::1]</c>,
    /// <c>fe80::1%2</c>.
    /// </summary>
    private static IPAddress? ReadAddress(string family, string text)
    {
        if (text.AsSpan().ContainsAny('[', '%', '/') || !IPAddress.TryParse(text, out var address))
            return null;

        return family == "TCP6"
            ? (address.AddressFamily == AddressFamily.InterNetworkV6 ? address : null)
            : (address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text ? address : null);
    }

    private static ushort? ReadPort(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && (text == "0" || text[0] != '0')
            ? port
            : null;
}
