using System.Net;
using GameStack.Tests.Backend.Access;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>Players with tokens, outside the cluster: one port of the proxies leads to all matches, and nothing else does.</summary>
[Collection(ClusterCollection.Name)]
public sealed class GatewayTests(ClusterStack cluster) : ClusterTests(cluster)
{
    private const int Crowd = 200;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected override string Overlay => ClusterStack.GatewayOverlay;

    [Fact]
    public async Task Two_hundred_players_with_tokens_all_play_through_the_one_port()
    {
        using var folder = new TestFolder();
        var key = Path.Combine(folder.Path, "private.pem");
        await File.WriteAllTextAsync(key, Cluster.Issuer.PrivatePem, Token);
        var gateway = await Cluster.FindAsync("proxy", "gateway");

        await using var loadTester = LoadTesterRun.Start(
            new Uri(Cluster.Proxy.Root, "/"), Crowd, ("PLAY_THROUGH", "gateway"), ("GATEWAY_ADDRESS", gateway.Authority),
            ("JWT_KEY_FILE", key), ("JWT_ISSUER", TestIssuer.Name), ("JWT_AUDIENCE", TestIssuer.Audience));
        await LoadTesterRun.FinishAsync(loadTester, Crowd);

        await Cluster.SettleAsync();
    }

    [Fact]
    public async Task Strangers_are_refused_at_the_door_and_at_the_gateway()
    {
        (await Cluster.Proxy.JoinAsync("stranger", Token)).IsProblem(HttpStatusCode.Unauthorized);

        var gateway = await Cluster.FindAsync("proxy", "gateway");
        await using var stranger = await LineClient.ConnectAsync(new Seat("stranger", "", gateway.Host, gateway.Port), Token);
        Assert.Equal("DENIED malformed", await stranger.AskAsync("JOIN nothing"));
    }
}
