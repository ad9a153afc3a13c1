using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace GameStack.Tests.Proxy.Listening.ProxyProtocol;

/// <summary>PROXY headers as load balancers send them, written from the protocol's text.</summary>
internal static class TestHeaders
{
    public const byte Local = 0x20;
    public const byte Proxied = 0x21;

    public static byte[] Line(string text) => Encoding.Latin1.GetBytes(text + "\r\n");

    public static byte[] Line(IPEndPoint client) =>
        Line($"PROXY TCP{(client.Address.GetAddressBytes().Length == 4 ? 4 : 6)} {client.Address} {client.Address} {client.Port} 443");

    public static byte[] Binary(IPEndPoint client, params byte[] more)
    {
        var address = client.Address.GetAddressBytes();
        byte[] port = [(byte)(client.Port >> 8), (byte)client.Port];
        return Binary(Proxied, (byte)(address.Length == 4 ? 0x11 : 0x21), [.. address, .. address, .. port, 1, 187, .. more]);
    }

    public static byte[] Binary(byte versionAndCommand, byte family, byte[] rest)
    {
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)rest.Length);
        return [.. "\r\n\r\n\0\r\nQUIT\n"u8, versionAndCommand, family, .. length, .. rest];
    }
}
