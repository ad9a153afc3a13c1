using System.Net;
using GameStack.ServiceDefaults.Listening;

namespace GameStack.Tests.ServiceDefaults.Listening;

public sealed class ClientNetworkTests
{
    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7/32", null)]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7/32", null)]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48")]
    [InlineData("fe80::1%1", "fe80::/64", "fe80::/48")]
    public void An_address_counts_for_these_networks(string address, string network, string? around)
    {
        Assert.Equal(new ClientNetwork(IPNetwork.Parse(network), 1), ClientNetwork.Of(IPAddress.Parse(address)));
        Assert.Equal(
            around is null ? null : new ClientNetwork(IPNetwork.Parse(around), 2), ClientNetwork.Around(IPAddress.Parse(address)));
    }
}
