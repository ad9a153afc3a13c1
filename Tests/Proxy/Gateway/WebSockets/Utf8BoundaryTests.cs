using System.Text;
using GameStack.Proxy.Gateway.WebSockets;

namespace GameStack.Tests.Proxy.Gateway.WebSockets;

public sealed class Utf8BoundaryTests
{
    private const string Text = "JOINED 0 Ünïcødé 日本 🎲🎲\n";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(100)]
    public void It_knows_the_boundaries_whatever_the_size_of_the_pieces(int size)
    {
        var bytes = Encoding.UTF8.GetBytes(Text);
        var boundary = new Utf8Boundary();
        for (var at = 0; at < bytes.Length; at += size)
        {
            var end = Math.Min(at + size, bytes.Length);
            var isBoundary = end == bytes.Length || (bytes[end] & 0xC0) != 0x80;

            Assert.Equal(isBoundary, boundary.IsAfter(bytes.AsSpan(at..end)));
            Assert.Equal(!isBoundary, boundary.IsInside);
        }
    }
}
