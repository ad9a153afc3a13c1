using GameStack.Tests.EndToEnd;
using GameStack.Tests.Infrastructure;
using k8s;
using k8s.Models;

namespace GameStack.Tests.Cluster;

[Collection(ClusterCollection.Name)]
public sealed class InsideTheClusterTests(ClusterStack cluster) : ClusterTests(cluster)
{
    private const int Crowd = 200;

    private protected override string Overlay => "test";

    [Fact]
    public async Task Two_hundred_players_inside_the_cluster_all_play_by_the_pods_own_addresses()
    {
        var job = KubernetesYaml.LoadAllFromString(await File.ReadAllTextAsync(
            Path.Combine(Repository.Root, "deploy/components/load-tester/job.yaml"), TestContext.Current.CancellationToken)).OfType<V1Job>().Single();
        Set(job, "CLIENTS", $"{Crowd}");
        Set(job, "MATCH_DURATION", "3");

        await Cluster.Client.CoreV1.CreateNamespacedServiceAccountAsync(new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = job.Spec.Template.Spec.ServiceAccountName } }, ClusterStack.Place);
        await Cluster.Client.BatchV1.CreateNamespacedJobAsync(job, ClusterStack.Place);
        var pod = Assert.Single(await Pods.WaitAsync(
            "app=load-tester", "the load tester's end", pods => pods.Any(pod => pod.Status.Phase is "Succeeded" or "Failed"), TimeSpan.FromMinutes(5)));

        using var log = new StreamReader(await Cluster.Client.CoreV1.ReadNamespacedPodLogAsync(pod.Name(), ClusterStack.Place));
        var printed = await log.ReadToEndAsync(TestContext.Current.CancellationToken);
        TestContext.Current.SendDiagnosticMessage(printed);
        Assert.True(pod.Status.Phase == "Succeeded", printed);
        Assert.Contains($"matched {Crowd}, played {Crowd}, failed 0", printed, StringComparison.Ordinal);
        await Cluster.SettleAsync();
    }

    private static void Set(V1Job job, string name, string value) => job.Spec.Template.Spec.Containers[0].Env.Single(variable => variable.Name == name).Value = value;
}
