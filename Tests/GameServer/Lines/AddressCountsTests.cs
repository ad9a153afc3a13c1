using System.Net;
using GameStack.GameServer.Lines;

namespace GameStack.Tests.GameServer.Lines;

public sealed class AddressCountsTests
{
    [Theory]
    [InlineData("10.0.0.7", "10.0.0.7")]
    [InlineData("::ffff:10.0.0.7", "10.0.0.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    public void An_IPv6_address_counts_as_its_network(string address, string key) =>
        Assert.Equal(IPAddress.Parse(key), AddressCounts.KeyOf(IPAddress.Parse(address)));

    [Fact]
    public void Connections_are_counted_by_address()
    {
        var counts = new AddressCounts();
        var (one, other) = (IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.2"));

        counts.Add(one);
        counts.Add(one);
        counts.Add(other);
        counts.Remove(other);
        counts.Remove(one);

        Assert.Equal((1, 0), (counts.Of(one), counts.Of(other)));
    }
}
