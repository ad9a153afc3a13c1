using GameStack.Tests.Support;
using k8s;
using k8s.Models;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>Two queues share one namespace and its standby pool.</summary>
[Collection(ClusterCollection.Name)]
public sealed class TwoQueuesTests(ClusterStack cluster) : AuditedTests(cluster)
{
    [Fact]
    public async Task Two_queues_play_in_one_namespace_and_end_none_of_each_others_matches()
    {
        LineClient[] players = [];
        Seat[] matches;
        try
        {
            await DeployRankedAsync();
            using var ranked = new ContractClient(await Cluster.FindAsync("ranked", "http"));
            var seats = await Task.WhenAll(
                new ClusterPlayers(ranked).PlayAsync(2 * ClusterStack.SessionSize), Players.PlayAsync(2 * ClusterStack.SessionSize));
            matches = [.. seats.SelectMany(seat => seat).DistinctBy(seat => seat.SessionId)];
            players = await Task.WhenAll(matches.Select(seat => LineClient.ConnectAsync(seat, Token)));

            // Several comparisons of both queues' reconcilers, every 5 s, two of which end a server without a match.
            await Task.Delay(TimeSpan.FromSeconds(15), Token);

            var pods = await Task.WhenAll(matches.Select(PodOfAsync));
            Assert.Equal(4, pods.Select(pod => pod.Name()).Distinct().Count());
            Assert.Equal(["default", "ranked"], pods.Select(pod => pod.Metadata.Annotations["gamestack/queue"]).Distinct().Order());
            foreach (var player in players)
            {
                Assert.Equal("STATE open", await player.AskAsync("GET_STATE"));
            }

            await new ClusterPlayers(ranked).EndAsync(seats[0]);
            await Players.EndAsync(seats[1]);
            Assert.DoesNotContain(Trace, await LogAsync(Token), StringComparison.Ordinal);
        }
        finally
        {
            foreach (var player in players)
            {
                await player.DisposeAsync();
            }

            await Kubectl.RunAsync(
                "--namespace", ClusterStack.Place, "delete", "deployment/ranked", "service/ranked", "--cascade=foreground",
                "--ignore-not-found");
        }

        await AuditAsync(matches);
    }

    [Fact]
    public async Task A_pod_of_another_queue_is_left_alone_though_this_queue_has_no_such_match()
    {
        // Claimed as the backends of each queue would do it; neither match exists.
        var foreign = await ClaimAsync("ranked");
        var own = await ClaimAsync("default");

        await Pods.WaitAsync(ClusterStack.Claimed, "no pod of the own queue", pods => pods.All(pod => pod.Uid() != own.Uid()), Patience);

        // The comparison that ended the own queue's pod has seen both.
        Assert.Contains(
            await Pods.ListAsync(ClusterStack.Claimed), pod => pod.Uid() == foreign.Uid() && pod.Metadata.DeletionTimestamp is null);
        await Cluster.Client.CoreV1.DeleteNamespacedPodAsync(
            foreign.Name(), ClusterStack.Place, cancellationToken: Token);
        await Cluster.SettleAsync();
    }

    private async Task<V1Pod> ClaimAsync(string queue)
    {
        var free = await Pods.WaitAsync(ClusterStack.Free, "a pod on standby", pods => pods.Any(ClusterPods.IsReady), Patience);
        var claim = $$"""
            {"metadata":{
                "labels":{"pool":"claimed","session_id":"{{Guid.NewGuid()}}"},
                "annotations":{"gamestack/backend":"gone","gamestack/restarts":"0","gamestack/queue":"{{queue}}"} } }
            """;
        return await Cluster.Client.CoreV1.PatchNamespacedPodAsync(
            new V1Patch(claim, V1Patch.PatchType.MergePatch), free.First(ClusterPods.IsReady).Name(), ClusterStack.Place,
            cancellationToken: Token);
    }

    /// <summary>
    /// A backend of a second queue: the first one's, with another name and another queue. A label tells their pods apart for Services.
    /// </summary>
    private async Task DeployRankedAsync()
    {
        const string own = """{"queue":"default"}""";
        string[] patch = ["--namespace", ClusterStack.Place, "patch", "--patch"];
        await Kubectl.RunAsync([.. patch, $$$"""{"spec":{"template":{"metadata":{"labels":{{{own}}} } } } }""", "deployment/backend"]);
        await Kubectl.RunAsync("--namespace", ClusterStack.Place, "rollout", "status", "deployment/backend", "--timeout=120s");
        await Kubectl.RunAsync([.. patch, $$$"""{"spec":{"selector":{{{own}}} } }""", "service/backend-pods"]);

        var backend = await Cluster.Client.AppsV1.ReadNamespacedDeploymentAsync("backend", ClusterStack.Place, cancellationToken: Token);
        var labels = new Dictionary<string, string> { ["app"] = "backend", ["queue"] = "ranked" };
        var template = backend.Spec.Template;
        (template.Metadata.Labels, template.Metadata.CreationTimestamp) = (labels, null);
        template.Spec.Containers[0].Env.Add(new V1EnvVar { Name = "Matchmaking__Queue", Value = "ranked" });
        await Cluster.Client.AppsV1.CreateNamespacedDeploymentAsync(
            new V1Deployment
            {
                Metadata = new V1ObjectMeta { Name = "ranked" },
                Spec = new V1DeploymentSpec { Replicas = 1, Selector = new V1LabelSelector { MatchLabels = labels }, Template = template },
            },
            ClusterStack.Place,
            cancellationToken: Token);
        await Cluster.Client.CoreV1.CreateNamespacedServiceAsync(
            new V1Service
            {
                Metadata = new V1ObjectMeta { Name = "ranked" },
                Spec = new V1ServiceSpec
                {
                    Type = "NodePort",
                    Selector = labels,
                    Ports = [new V1ServicePort { Name = "http", Port = 8080 }],
                },
            },
            ClusterStack.Place,
            cancellationToken: Token);
        await Kubectl.RunAsync("--namespace", ClusterStack.Place, "rollout", "status", "deployment/ranked", "--timeout=120s");
    }
}
