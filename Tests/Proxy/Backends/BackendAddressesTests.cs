using GameStack.Proxy.Backends;
using Microsoft.Extensions.Configuration;

namespace GameStack.Tests.Proxy.Backends;

public sealed class BackendAddressesTests
{
    [Fact]
    public void All_addresses_that_Aspire_hands_over_are_taken() =>
        Assert.Equal(
            ["http://a:1/", "http://b:2/"], Read(("services:backend:http:0", "http://a:1"), ("services:backend:http:1", "http://b:2")));

    [Fact]
    public void The_setting_is_taken_where_Aspire_hands_over_none() =>
        Assert.Equal(["http://c:3/"], Read(("BACKEND_URL", "http://c:3")));

    [Fact]
    public void What_Aspire_hands_over_wins() =>
        Assert.Equal(["http://a:1/"], Read(("BACKEND_URL", "http://c:3"), ("services:backend:http:0", "http://a:1")));

    [Theory]
    [InlineData("backend:5080")]
    [InlineData("/backend")]
    [InlineData("ftp://backend")]
    [InlineData("nonsense")]
    public void An_address_that_is_none_is_named_in_one_line(string address)
    {
        Assert.False(BackendAddresses.TryRead(Configuration(("BACKEND_URL", address)), out _, out var problem));
        Assert.Contains(address, problem);
        Assert.DoesNotContain('\n', problem);
    }

    [Fact]
    public void Without_any_address_the_line_says_what_to_set()
    {
        Assert.False(BackendAddresses.TryRead(Configuration(("BACKEND_URL", " ")), out _, out var problem));
        Assert.Contains("BACKEND_URL", problem);
        Assert.DoesNotContain('\n', problem);
    }

    private static IEnumerable<string> Read(params (string Key, string Value)[] settings)
    {
        Assert.True(BackendAddresses.TryRead(Configuration(settings), out var addresses, out var problem), problem);
        return addresses.Select(address => address.AbsoluteUri);
    }

    private static IConfiguration Configuration(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)))
        .Build();
}
