using System.Net;
using GameStack.Proxy.Listening.ProxyProtocol;

namespace GameStack.Tests.Proxy.Listening.ProxyProtocol;

public sealed class ProxyHeaderParserTests
{
    private static readonly byte[] Request = "GET / HTTP/1.1\r\n"u8.ToArray();

    public static TheoryData<string> Clients => ["203.0.113.7:51234", "255.255.255.255:65535", "0.0.0.0:0", "[2001:db8::1]:443", "[::1]:1"];

    public static TheoryData<byte[]> WithoutClient =>
    [
        TestHeaders.Line("PROXY UNKNOWN"),
        TestHeaders.Line("PROXY UNKNOWN ff:ff::1 ff:ff::2 65535 65535"),
        TestHeaders.Line("PROXY UNKNOWN anything at all"),
        TestHeaders.Binary(TestHeaders.Local, 0x00, []),
        TestHeaders.Binary(TestHeaders.Local, 0x11, new byte[12]),
        TestHeaders.Binary(TestHeaders.Local, 0xFF, [1, 2, 3]),
        TestHeaders.Binary(TestHeaders.Proxied, 0x00, []),
        TestHeaders.Binary(TestHeaders.Proxied, 0x00, new byte[30]),
        TestHeaders.Binary(TestHeaders.Proxied, 0x31, new byte[216]),
    ];

    public static TheoryData<byte[]> Malformed =>
    [
        Request,
        "proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n"u8.ToArray(),
        "\u0016\u0003\u0001"u8.ToArray(),
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n"u8.ToArray(),
        TestHeaders.Line("PROXY "),
        TestHeaders.Line("PROXY TCP4"),
        TestHeaders.Line("PROXY tcp4 1.2.3.4 1.2.3.4 1 2"),
        TestHeaders.Line("PROXY UDP4 1.2.3.4 1.2.3.4 1 2"),
        TestHeaders.Line("PROXY TCP5 1.2.3.4 1.2.3.4 1 2"),
        TestHeaders.Line("PROXY TCP4 1.2.3.4 1.2.3.4 1"),
        TestHeaders.Line("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3"),
        TestHeaders.Line("PROXY TCP4  1.2.3.4 1.2.3.4 1 2"),
        TestHeaders.Line("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 "),
        TestHeaders.Line("PROXY TCP4 ::1 ::1 1 2"),
        TestHeaders.Line("PROXY TCP6 1.2.3.4 1.2.3.4 1 2"),
        TestHeaders.Line("PROXY TCP4 1.2.3 1.2.3.4 1 2"),
        TestHeaders.Line("PROXY TCP4 01.2.3.4 1.2.3.4 1 2"),
        TestHeaders.Line("PROXY TCP4 0x1.2.3.4 1.2.3.4 1 2"),
        TestHeaders.Line("PROXY TCP4 16909060 1.2.3.4 1 2"),
        TestHeaders.Line("PROXY TCP4 1.2.3.256 1.2.3.4 1 2"),
        TestHeaders.Line("PROXY TCP4 1.2.3.4 host 1 2"),
        TestHeaders.Line("PROXY TCP6 [::1] ::1 1 2"),
        TestHeaders.Line("PROXY TCP6 fe80::1%1 ::1 1 2"),
        TestHeaders.Line("PROXY TCP6 ::1/64 ::1 1 2"),
        TestHeaders.Line("PROXY TCP4 1.2.3.4 1.2.3.4 65536 2"),
        TestHeaders.Line("PROXY TCP4 1.2.3.4 1.2.3.4 -1 2"),
        TestHeaders.Line("PROXY TCP4 1.2.3.4 1.2.3.4 01 2"),
        TestHeaders.Line("PROXY TCP4 1.2.3.4 1.2.3.4 1 "),
        TestHeaders.Line("PROXY TCP4 1.2.3.4 1.2.3.4 1 \u00b2"),
        TestHeaders.Line("PROXY UNKNOWNS"),
        TestHeaders.Line("PROXY UNKNOWN " + new string('x', 100)),
        TestHeaders.Binary(0x11, 0x11, new byte[12]),
        TestHeaders.Binary(0x31, 0x11, new byte[12]),
        TestHeaders.Binary(0x22, 0x11, new byte[12]),
        TestHeaders.Binary(TestHeaders.Proxied, 0x11, new byte[11]),
        TestHeaders.Binary(TestHeaders.Proxied, 0x21, new byte[35]),
        TestHeaders.Binary(TestHeaders.Proxied, 0x12, new byte[12]),
        TestHeaders.Binary(TestHeaders.Proxied, 0x22, new byte[36]),
        TestHeaders.Binary(TestHeaders.Proxied, 0x41, new byte[36]),
        TestHeaders.Binary(TestHeaders.Proxied, 0x11, new byte[ProxyHeaderParser.MaxBytes - 15]),
    ];

    [Theory, MemberData(nameof(Clients))]
    public void The_client_is_read_from_both_versions(string text)
    {
        var client = IPEndPoint.Parse(text);
        byte[][] headers =
        [
            TestHeaders.Line(client),
            TestHeaders.Binary(client),
            TestHeaders.Binary(client, 0xEA, 0, 3, 1, 2, 3),
            TestHeaders.Binary(client, new byte[4000]),
        ];

        Assert.All(headers, bytes => AssertComplete(bytes, client));
    }

    [Theory, MemberData(nameof(WithoutClient))]
    public void A_header_may_name_no_client(byte[] bytes) => AssertComplete(bytes, client: null);

    [Theory, MemberData(nameof(Malformed))]
    public void Anything_else_is_malformed(byte[] bytes) =>
        Assert.Equal(ProxyHeaderState.Malformed, ProxyHeaderParser.Parse(bytes, out _));

    [Fact]
    public void A_line_without_an_end_is_malformed_once_it_is_too_long()
    {
        var bytes = TestHeaders.Line("PROXY UNKNOWN " + new string('x', 200));

        Assert.Equal(ProxyHeaderState.Incomplete, ProxyHeaderParser.Parse(bytes.AsSpan(0, 106), out _));
        Assert.Equal(ProxyHeaderState.Malformed, ProxyHeaderParser.Parse(bytes.AsSpan(0, 107), out _));
    }

    private static void AssertComplete(byte[] bytes, IPEndPoint? client)
    {
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(ProxyHeaderState.Incomplete, ProxyHeaderParser.Parse(bytes.AsSpan(0, length), out _));
        }

        Assert.Equal(ProxyHeaderState.Complete, ProxyHeaderParser.Parse([.. bytes, .. Request], out var header));
        Assert.Equal(new ProxyHeader(bytes.Length, client), header);
    }
}
