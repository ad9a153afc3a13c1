using GameStack.Contracts.Settings;
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

    [Fact]
    public void An_address_may_be_IPv6() => Assert.Equal(["http://[::1]:5080/"], Read(("BACKEND_URL", " http://[::1]:5080\n")));

    [Fact]
    public void Each_backend_may_have_a_port_for_short_calls()
    {
        var addresses = BackendAddresses.Read(Configuration(
            ("services:backend:http:0", "http://a:1"), ("services:backend:http:1", "http://b:2"),
            ("services:backend:short:1", "http://b:3"), ("BACKEND_SHORT_URL", "http://c:4")));
        Assert.Equal([null, 3], addresses.Select(address => address.ShortPort));

        addresses = BackendAddresses.Read(Configuration(("BACKEND_URL", "http://c:3"), ("BACKEND_SHORT_URL", "http://c:4")));
        Assert.Equal(4, Assert.Single(addresses).ShortPort);
    }

    [Theory]
    [InlineData("http://b:2")]
    [InlineData("https://a:2")]
    [InlineData("a:2")]
    public void A_port_for_short_calls_is_the_same_backends(string address)
    {
        var wrong = Assert.Throws<SettingException>(
            () => BackendAddresses.Read(Configuration(("BACKEND_URL", "http://a:1"), ("BACKEND_SHORT_URL", address))));
        Assert.StartsWith($"BACKEND_SHORT_URL is \"{address}\"; expected ", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_address_is_named_with_its_number()
    {
        var wrong = Assert.Throws<SettingException>(() => BackendAddresses.Read(
            Configuration(("services:backend:http:0", "http://a:1"), ("services:backend:http:1", "b:2"))));
        Assert.StartsWith("services__backend__http__1 is \"b:2\"", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("backend:5080")]
    [InlineData("/backend")]
    [InlineData("ftp://backend")]
    [InlineData("nonsense")]
    [InlineData("http://backend?a=b")]
    public void An_address_that_is_none_is_named_in_one_line(string address)
    {
        var wrong = Assert.Throws<SettingException>(() => BackendAddresses.Read(Configuration(("BACKEND_URL", address))));
        Assert.StartsWith($"BACKEND_URL is \"{address}\"; expected ", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_any_address_the_line_says_what_to_set()
    {
        var wrong = Assert.Throws<SettingException>(() => BackendAddresses.Read(Configuration(("BACKEND_URL", " "))));
        Assert.Contains("BACKEND_URL", wrong.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Read(params (string Key, string Value)[] settings) =>
        BackendAddresses.Read(Configuration(settings)).Select(address => address.Url.AbsoluteUri);

    private static IConfiguration Configuration(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)))
        .Build();
}
