using System.Security.Cryptography;
using GameStack.Tests.Support;
using k8s;
using k8s.Models;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>What else refuses pods, Services, claims, servers or backends.</summary>
[Collection(ClusterCollection.Name)]
public sealed class RefusalTests(ClusterStack cluster) : AuditedTests(cluster)
{
    [Fact]
    public async Task Services_of_somebody_else_with_the_names_of_pods_cost_no_pod_and_stay()
    {
        var free = await Pods.ListAsync(ClusterStack.Free);
        foreach (var pod in free)
        {
            var service = new V1Service
            {
                Metadata = new V1ObjectMeta { Name = pod.Name() },
                Spec = new V1ServiceSpec { Ports = [new V1ServicePort { Port = 80 }] },
            };
            await Cluster.Client.CoreV1.CreateNamespacedServiceAsync(service, ClusterStack.Place, cancellationToken: Token);
        }

        Seat[] seats;
        try
        {
            seats = await Players.PlayAsync(2 * ClusterStack.SessionSize);
            var pods = await Pods.ListAsync(ClusterStack.GameServers);
            Assert.Empty(free.Select(pod => pod.Uid()).Except(pods.Select(pod => pod.Uid())));
        }
        finally
        {
            await Kubectl.RunAsync(["--namespace", ClusterStack.Place, "delete", "service", .. free.Select(pod => pod.Name())]);
        }

        await PlayToTheEndAsync(seats);
    }

    [Fact]
    public async Task Game_servers_with_the_key_of_another_pair_cost_no_pod_and_one_line_says_so()
    {
        var keys = await Cluster.Client.CoreV1.ReadNamespacedConfigMapAsync(
            "game-server-control", ClusterStack.Place, cancellationToken: Token);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Task<Seat[]> playing;
        try
        {
            await PublishAsync(Convert.ToBase64String(other.ExportSubjectPublicKeyInfo()));
            var before = await Pods.WaitAsync(
                ClusterStack.Free, "no pod from before", pods => pods.All(pod => pod.Metadata.DeletionTimestamp is null), Patience);
            playing = Players.PlayAsync(2 * ClusterStack.SessionSize);
            var line = await LoggedAsync("Cannot use game servers; retrying: ");
            Assert.Contains("DENIED", line, StringComparison.Ordinal);
            await Task.Delay(TimeSpan.FromSeconds(10), Token); // Long enough for several tries.
            Assert.False(playing.IsCompleted);
            var now = await Pods.ListAsync(ClusterStack.GameServers);
            Assert.Empty(before.Select(pod => pod.Uid()).Except(now.Select(pod => pod.Uid())));
        }
        finally
        {
            await PublishAsync(keys.Data["public-key"]);
        }

        await PlayToTheEndAsync(await playing);

        async Task PublishAsync(string key)
        {
            await Cluster.Client.CoreV1.PatchNamespacedConfigMapAsync(
                new V1Patch($$"""{"data":{"public-key":"{{key.Trim()}}"} }""", V1Patch.PatchType.MergePatch),
                "game-server-control",
                ClusterStack.Place,
                cancellationToken: CancellationToken.None);
            await Kubectl.RunAsync("--namespace", ClusterStack.Place, "rollout", "restart", "deployment/game-server");
            await Kubectl.RunAsync("--namespace", ClusterStack.Place, "rollout", "status", "deployment/game-server", "--timeout=180s");
        }
    }

    [Fact]
    public async Task A_webhook_that_refuses_claims_or_hangs_is_named_and_costs_no_pod()
    {
        var before = (await Pods.ListAsync(ClusterStack.Free)).Select(pod => pod.Uid()).ToHashSet();
        Task<Seat[]> playing;
        await using (var webhook = await AdmissionWebhook.StartAsync(Cluster.Client, (422, "no changes before the weekend")))
        {
            playing = Players.PlayAsync(2 * ClusterStack.SessionSize);
            await LoggedAsync("Cannot patch pods; retrying: admission webhook");
            webhook.Refusal = null;
            await LoggedAsync("Cannot patch pods; retrying: Internal error occurred: failed calling webhook");
            var now = await Pods.ListAsync(ClusterStack.GameServers);
            Assert.Empty(before.Except(now.Select(pod => pod.Uid())));
        }

        await PlayToTheEndAsync(await playing);
    }

    [Fact]
    public async Task A_template_whose_program_fails_costs_no_match_and_one_line_says_why()
    {
        await EmptyPoolAsync();
        const string container = """{"spec":{"template":{"spec":{"containers":[{"name":"game-server","command":COMMAND}]} } } }""";
        await Cluster.PatchGameServerAsync(container.Replace("COMMAND", """["/no/such/program"]""", StringComparison.Ordinal));
        Task<Seat[]> playing;
        try
        {
            playing = Players.PlayAsync(2 * ClusterStack.SessionSize);
            var line = await LoggedAsync("Cannot start game servers; retrying: ");
            Assert.Contains("/no/such/program", line, StringComparison.Ordinal);
            await Task.Delay(TimeSpan.FromSeconds(10), Token); // Long enough for several tries.
            Assert.False(playing.IsCompleted);
            var claimed = (await Pods.ListAsync(ClusterStack.Claimed)).Where(pod => pod.Metadata.DeletionTimestamp is null);
            Assert.InRange(claimed.Count(), 0, 2); // One at a time by each backend.
        }
        finally
        {
            await Cluster.PatchGameServerAsync(container.Replace("COMMAND", "null", StringComparison.Ordinal));
        }

        await PlayToTheEndAsync(await playing);
    }

    [Fact]
    public async Task Backends_that_may_not_list_pods_are_not_ready_and_the_old_ones_serve()
    {
        const string refusal = "The Kubernetes API refuses the pod's service account the right to list pods";
        var binding = await Cluster.Client.RbacAuthorizationV1.ReadNamespacedRoleBindingAsync(
            "backend", ClusterStack.Place, cancellationToken: Token);
        var seats = await Players.PlayAsync(ClusterStack.SessionSize);
        await using var player = await LineClient.ConnectAsync(seats[0], Token); // A match that nobody connects to ends after 60 s.
        var before = (await Pods.ListAsync("app=backend")).Select(pod => pod.Uid()).ToHashSet();

        await Kubectl.RunAsync("--namespace", ClusterStack.Place, "delete", "rolebinding", "backend");
        try
        {
            await Kubectl.RunAsync("--namespace", ClusterStack.Place, "rollout", "restart", "deployment/backend");
            await LoggedAsync(refusal);
            await Task.Delay(TimeSpan.FromSeconds(12), Token); // Longer than a backend that starts waits for its first answer.
            await Pods.WaitAsync(
                "app=backend", "the old ones are ready and a new one is not",
                pods => pods.All(pod => IsOld(pod) == ClusterPods.IsReady(pod)) && !pods.All(IsOld),
                Patience);
            Assert.Equal("matched", (await Cluster.Proxy.StatusAsync(seats[0].Player, Token)).Ok().Text("status"));
        }
        finally
        {
            binding.Metadata = new V1ObjectMeta { Name = "backend", Labels = binding.Metadata.Labels };
            await Cluster.Client.RbacAuthorizationV1.CreateNamespacedRoleBindingAsync(
                binding, ClusterStack.Place, cancellationToken: CancellationToken.None);
            await Kubectl.RunAsync("--namespace", ClusterStack.Place, "rollout", "status", "deployment/backend", "--timeout=180s");
        }

        await PlayToTheEndAsync(seats);

        bool IsOld(V1Pod pod) => before.Contains(pod.Uid());
    }
}
