using GameStack.Backend.GameServers;
using GameStack.Backend.GameServers.Kubernetes;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

public sealed class PodAddressTests
{
    private const string Service = """
        {"kind":"Service","apiVersion":"v1","metadata":{"name":"s"},"spec":{"ports":[{"port":7777,"nodePort":30001}]}}
        """;
    private const string Pod = """{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p"}}""";

    private static readonly Uri Nobody = new("http://127.0.0.1:1");
    private static readonly Guid Match = Guid.NewGuid();

    public static TheoryData<string, string?> AllSettings => new()
    {
        { nameof(GameServerExposure.PodIp), null },
        { nameof(GameServerExposure.NodePort), null },
        { nameof(GameServerExposure.NodePort), "play.example.com" },
        { nameof(GameServerExposure.HostPort), null },
        { nameof(GameServerExposure.HostPort), "play.example.com" },
        { nameof(GameServerExposure.Gateway), null },
    };

    [Theory]
    [MemberData(nameof(AllSettings))]
    public void A_pod_keeps_the_address_that_its_players_got_whatever_the_settings_are_now(string exposure, string? connectHost)
    {
        var addresses = AddressesOf(Enum.Parse<GameServerExposure>(exposure), connectHost);

        Assert.Equal(("10.0.0.7", 7777), Where(addresses.Known(PodWith())));
        Assert.Equal(("old.example.com", 30007), Where(addresses.Known(PodWith("old.example.com:30007"))));
        Assert.Equal(("2001:db8::1", 30007), Where(addresses.Known(PodWith("2001:db8::1:30007"))));
        Assert.Equal(("old.example.com", 7001), Where(addresses.Known(PodWith("old.example.com:7001", hostPort: 7001))));
    }

    [Theory]
    [InlineData("changed:by hand")]
    [InlineData("192.0.2.1")]
    [InlineData("192.0.2.1:")]
    [InlineData("192.0.2.1:0")]
    [InlineData("192.0.2.1:65536")]
    [InlineData("192.0.2.1:99999999999")]
    [InlineData("192.0.2.1:-1")]
    [InlineData(":30001")]
    [InlineData(" :30001")]
    [InlineData("two words:30001")]
    [InlineData("http://192.0.2.1:30001")]
    public void An_address_that_nobody_could_connect_to_is_as_good_as_none(string address) => AssertIsNone(address);

    [Fact]
    public void A_host_that_is_too_long_for_a_resolver_is_as_good_as_none() =>
        AssertIsNone(string.Join('.', Enumerable.Repeat("name", 51)) + ":30001");

    [Theory]
    [InlineData("k1,k2", "k1,k2")]
    [InlineData(null, "")]
    public void A_pod_says_which_keys_its_server_was_told(string? annotation, string keys)
    {
        var pod = TestPods.Claimed(Match);
        if (annotation is not null)
        {
            pod.Metadata.Annotations["gamestack/ticket-keys"] = annotation;
        }

        Assert.Equal(keys, AddressesOf(GameServerExposure.PodIp).Known(GameServerPod.Of(pod)).Admission!.KeyIds);
    }

    [Theory]
    [InlineData(null, "192.0.2.1")]
    [InlineData("play.example.com", "play.example.com")]
    public void A_port_of_the_node_is_reached_as_the_settings_say_until_its_address_is_recorded(string? connectHost, string host) =>
        Assert.Equal((host, 7001), Where(AddressesOf(GameServerExposure.HostPort, connectHost).Known(PodWith(hostPort: 7001))));

    [Fact]
    public async Task A_pods_own_address_needs_no_call()
    {
        await using var api = await ApiServer.StartAsync((500, ""));

        var opened = await AddressesOf(GameServerExposure.PodIp, api: api.Address)
            .OpenAsync(PodWith(), TestContext.Current.CancellationToken);

        Assert.Equal(("10.0.0.7", 7777), Where(opened.Value!));
        Assert.Equal(0, api.Calls);
    }

    [Fact]
    public async Task A_port_of_the_node_is_recorded()
    {
        await using var api = await ApiServer.StartAsync((200, Pod));
        var addresses = AddressesOf(GameServerExposure.HostPort, "play.example.com", api.Address);

        var opened = await addresses.OpenAsync(PodWith(hostPort: 7001), TestContext.Current.CancellationToken);

        Assert.Equal(("play.example.com", 7001), Where(opened.Value!));
        Assert.Equal("""{"metadata":{"annotations":{"gamestack/address":"play.example.com:7001"}}}""", api.LastBody);
    }

    [Fact]
    public async Task The_port_of_its_Service_is_recorded()
    {
        await using var api = await ApiServer.StartAsync((201, Service), (200, Pod));

        var opened = await AddressesOf(GameServerExposure.NodePort, api: api.Address)
            .OpenAsync(PodWith(), TestContext.Current.CancellationToken);

        Assert.Equal(("192.0.2.1", 30001), Where(opened.Value!));
        Assert.Equal("""{"metadata":{"annotations":{"gamestack/address":"192.0.2.1:30001"}}}""", api.LastBody);
    }

    [Fact]
    public async Task The_gateways_address_is_recorded_and_the_server_is_checked_behind_it()
    {
        await using var api = await ApiServer.StartAsync((200, Pod));
        var addresses = AddressesOf(GameServerExposure.Gateway, api: api.Address);

        var opened = await addresses.OpenAsync(PodWith(), TestContext.Current.CancellationToken);

        Assert.Equal(("gateway.example.com", 443), Where(opened.Value!));
        Assert.Equal(
            """{"metadata":{"annotations":{"gamestack/address":"gateway.example.com:443","gamestack/gateway":"true"}}}""", api.LastBody);
        Assert.Equal(("10.0.0.7", 7777), Where(addresses.BehindGateway(PodWith(), opened.Value!)));
    }

    [Theory]
    [InlineData(nameof(GameServerExposure.PodIp))]
    [InlineData(nameof(GameServerExposure.NodePort))]
    public void Without_a_gateway_a_server_is_checked_at_its_players_own_address(string exposure)
    {
        var addresses = AddressesOf(Enum.Parse<GameServerExposure>(exposure));
        var server = addresses.Known(PodWith("192.0.2.1:30001"));

        Assert.Equal(server, addresses.BehindGateway(PodWith(), server));
    }

    [Theory]
    [MemberData(nameof(AllSettings))]
    public async Task A_recorded_address_is_given_out_again(string exposure, string? connectHost)
    {
        await using var api = await ApiServer.StartAsync((500, ""));

        var opened = await AddressesOf(Enum.Parse<GameServerExposure>(exposure), connectHost, api.Address)
            .OpenAsync(PodWith("old.example.com:30007"), TestContext.Current.CancellationToken);

        Assert.Equal(("old.example.com", 30007), Where(opened.Value!));
        Assert.Equal(0, api.Calls);
    }

    [Fact]
    public async Task An_address_that_could_not_be_recorded_is_not_given_out()
    {
        await using var api = await ApiServer.StartAsync(
            (404, """{"kind":"Status","apiVersion":"v1","status":"Failure","message":"no such pod"}"""));

        var opened = await AddressesOf(GameServerExposure.HostPort, api: api.Address)
            .OpenAsync(PodWith(hostPort: 7001), TestContext.Current.CancellationToken);

        Assert.Equal((null, "no such pod"), (opened.Value, opened.Failure));
    }

    [Fact]
    public async Task A_pod_without_a_port_on_its_node_is_not_given_out()
    {
        var opened = await AddressesOf(GameServerExposure.HostPort).OpenAsync(PodWith(), TestContext.Current.CancellationToken);

        Assert.Null(opened.Value);
        Assert.EndsWith("has no port on its node.", opened.Failure, StringComparison.Ordinal);
    }

    private static void AssertIsNone(string address)
    {
        var addresses = AddressesOf(GameServerExposure.NodePort);
        var pod = PodWith(address);

        Assert.Equal(("10.0.0.7", 7777), Where(addresses.Known(pod)));
        Assert.False(addresses.IsOpen(pod));
        Assert.False(addresses.HasService(pod));
    }

    private static (string Host, int Port) Where(RunningGameServer server) => (server.Host, server.Port);

    private static GameServerPod PodWith(string? address = null, int? hostPort = null)
    {
        var pod = TestPods.Claimed(Match);
        pod.Spec.Containers[0].Ports.Single(port => port.Name == "game").HostPort = hostPort;
        if (address is not null)
        {
            pod.Metadata.Annotations["gamestack/address"] = address;
        }

        return GameServerPod.Of(pod);
    }

    private static PodAddress AddressesOf(GameServerExposure exposure, string? connectHost = null, Uri? api = null)
    {
        var servers = Options.Create(new GameServersOptions { ConnectHost = connectHost });
        var fleet = Options.Create(new KubernetesFleetOptions { Exposure = exposure });
        var gateway = Options.Create(new GatewayAddressOptions { PublicHost = "gateway.example.com", PublicPort = 443 });
        return new PodAddress(TestCalls.To(api ?? Nobody), servers, fleet, gateway);
    }
}
