using GameStack.Tests.Support;
using k8s.Models;

namespace GameStack.Tests.Scenarios.Cluster;

[Collection(ClusterCollection.Name)]
public sealed class InsideTheClusterTests(ClusterStack cluster) : ClusterTests(cluster)
{
    private const int Crowd = 100;

    private protected override string Overlay => ClusterStack.InsideOverlay;

    [Fact]
    public async Task A_hundred_players_inside_the_cluster_all_play()
    {
        // The command of the README; it fails when a player does.
        var printed = await CommandLine.RunAsync("bash", ["deploy/load-test.sh", "test", $"{Crowd}", "10"], CancellationToken.None);

        TestContext.Current.TestOutputHelper?.WriteLine(printed);
        Assert.Contains($"matched {Crowd}, played {Crowd}, failed 0", printed, StringComparison.Ordinal);
        await Cluster.SettleAsync();
    }

    [Fact]
    public async Task Every_proxy_probes_every_backend()
    {
        var backends = await Pods.ListAsync("app=backend");
        foreach (var proxy in await Pods.ListAsync("app=proxy"))
        {
            await Eventually.GetAsync(
                $"probes of {proxy.Name()}",
                _ => Kubectl.RunAsync("--namespace", ClusterStack.Place, "logs", proxy.Name()),
                log => backends.All(backend => log.Contains($"[{backend.Status.PodIP}]", StringComparison.Ordinal)),
                Patience);
        }
    }
}
