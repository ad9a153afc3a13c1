using System.Net;
using System.Text;
using GameStack.Tests.Backend.Access;
using GameStack.Tests.Support;
using k8s;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>Players with tokens, outside the cluster: one port of the proxies leads to all matches, and nothing else does.</summary>
[Collection(ClusterCollection.Name)]
public sealed class GatewayTests(ClusterStack cluster) : ClusterTests(cluster)
{
    private const int Crowd = 100;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected override string Overlay => ClusterStack.GatewayOverlay;

    [Fact]
    public async Task A_hundred_players_with_tokens_all_play_through_the_one_port()
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

    /// <summary>Two blocks of commands: the second one is run when every operator has the new key.</summary>
    [Fact]
    public async Task The_operators_key_is_replaced_as_the_page_says_and_no_operator_is_refused()
    {
        var old = await KeyAsync("key");
        await RunWhileListingAsync("operators", old);
        var next = await KeyAsync("second-key");
        Assert.NotEqual(old, next);
        await Pods.WaitAsync(
            "app=backend", "no backend from before", pods => pods.All(pod => pod.Metadata.DeletionTimestamp is null), Patience);

        await RunWhileListingAsync("operators-end", next);
        Assert.Equal(next, await KeyAsync("key"));
        await Eventually.GetAsync("401", _ => ListAsync(old), answer => answer.Code == HttpStatusCode.Unauthorized, Patience);
        await Cluster.SettleAsync();
    }

    /// <summary>Runs a block of the page's commands while an operator lists the live matches again and again.</summary>
    private async Task RunWhileListingAsync(string block, string key)
    {
        var running = DeployPage.RunAsync(block, Token);
        try
        {
            do
            {
                await ContractClient.OkAsync(() => ListAsync(key));
            }
            while (await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(0.1), Token)) != running);
        }
        finally
        {
            await running; // Other tests use the same backends.
        }
    }

    private async Task<ApiAnswer> ListAsync(string key)
    {
        using var client = TestHttp.ClientOf(Cluster.Proxy.Root);
        client.DefaultRequestHeaders.Add("Operator-Key", key);
        using var response = await client.GetAsync("sessions/active", Token);
        return await ApiAnswer.ReadAsync(response, Token);
    }

    private async Task<string> KeyAsync(string name) => Encoding.UTF8.GetString(
        (await Cluster.Client.CoreV1.ReadNamespacedSecretAsync("operators", ClusterStack.Place, cancellationToken: Token)).Data[name]);
}
