using GameStack.Tests.Support;
using k8s;
using k8s.Models;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>What a studio sees: a pod for every match.</summary>
[Collection(ClusterCollection.Name)]
public sealed class PodLifeTests(ClusterStack cluster) : ClusterTests(cluster)
{
    private protected override string Overlay => ClusterStack.OutsideOverlay;

    [Fact]
    public async Task Players_outside_the_cluster_play_a_match_on_a_pod_of_its_own()
    {
        var seats = await Players.PlayAsync(ClusterStack.SessionSize);

        Assert.Single(seats.Select(seat => seat.SessionId).Distinct());
        var pod = await PodOfAsync(seats[0]);
        Assert.Equal("claimed", pod.Metadata.Labels["pool"]);
        await using var player = await LineClient.ConnectAsync(seats[0], TestContext.Current.CancellationToken);
        Assert.Equal("STATE open", await player.AskAsync("GET_STATE"));
        Assert.Equal("RUNNING_LENGTH 1", await player.AskAsync("REQUEST_MATCH 1"));
        Assert.Equal(["STATE running", "STATE stop"], await player.ReadToEndAsync());

        await Players.WaitUntilEndedAsync(seats[0].Player);
        await Cluster.SettleAsync();
    }

    [Fact]
    public async Task The_pool_is_refilled_as_soon_as_a_pod_is_claimed()
    {
        var before = (await Pods.ListAsync(ClusterStack.Free)).Select(pod => pod.Uid()).ToHashSet();

        var seats = await Players.PlayAsync(ClusterStack.SessionSize);

        var free = await Pods.WaitAsync(
            ClusterStack.Free, "a full pool", pods => pods.Count(ClusterPods.IsReady) == ClusterStack.Standby, Patience);
        Assert.Contains(free, pod => !before.Contains(pod.Uid()));
        var claimed = await Pods.WaitAsync(
            $"{ClusterStack.Claimed},session_id={seats[0].SessionId}",
            "one claimed pod, which belongs to no ReplicaSet",
            pods => pods.Count == 1 && pods[0].OwnerReferences() is null or { Count: 0 },
            Patience);
        Assert.Contains(claimed[0].Uid(), before);
        await Players.EndAsync(seats);
        await Cluster.SettleAsync();
    }

    [Fact]
    public async Task An_empty_pool_is_a_pod_for_that_match()
    {
        await EmptyPoolAsync();

        var seats = await Players.PlayAsync(ClusterStack.SessionSize);

        var pod = await PodOfAsync(seats[0]);
        Assert.Equal($"game-server-{seats[0].SessionId[..8]}", pod.Name());
        Assert.Equal(seats[0].SessionId, pod.Metadata.Labels["session_id"]);
        Assert.Equal("Never", pod.Spec.RestartPolicy);
        await using (await LineClient.ConnectAsync(seats[0], TestContext.Current.CancellationToken))
        {
            await Players.EndAsync(seats);
        }

        await Cluster.SettleAsync();
    }

    [Fact]
    public async Task A_claimed_pod_survives_a_rollout_and_a_pool_that_is_scaled_away()
    {
        var seats = await Players.PlayAsync(ClusterStack.SessionSize);
        var pod = await PodOfAsync(seats[0]);
        await using var player = await LineClient.ConnectAsync(seats[0], TestContext.Current.CancellationToken);

        await Cluster.PatchGameServerAsync($$"""{"spec":{"template":{"metadata":{"annotations":{"version":"{{Guid.NewGuid()}}"} } } } }""");
        await Kubectl.RunAsync("--namespace", ClusterStack.Place, "rollout", "status", "deployment/game-server", "--timeout=120s");
        await EmptyPoolAsync();

        Assert.Equal(pod.Uid(), (await PodOfAsync(seats[0])).Uid());
        Assert.Equal("STATE open", await player.AskAsync("GET_STATE"));
        await Players.EndAsync(seats);
        await Cluster.SettleAsync();
    }

    [Fact]
    public async Task A_claimed_pod_is_not_evicted_while_its_match_runs()
    {
        var seats = await Players.PlayAsync(ClusterStack.SessionSize);
        var pod = await PodOfAsync(seats[0]);

        var refusal = await Assert.ThrowsAsync<k8s.Autorest.HttpOperationException>(
            () => Cluster.Client.CoreV1.CreateNamespacedPodEvictionAsync(
                new V1Eviction { Metadata = new V1ObjectMeta { Name = pod.Name() } },
                pod.Name(),
                ClusterStack.Place,
                cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(System.Net.HttpStatusCode.TooManyRequests, refusal.Response.StatusCode);
        await Players.EndAsync(seats);
        await Cluster.SettleAsync();
    }

    [Fact]
    public async Task Backends_that_claim_at_once_never_claim_the_same_pod()
    {
        HashSet<string> backends = [];

        // Proxies keep a connection for a minute: a backend that an earlier test has replaced gets no joins until then.
        using var within = Waits.Within(TimeSpan.FromMinutes(3));
        while (backends.Count < 2)
        {
            within.Token.ThrowIfCancellationRequested();
            var seats = await Players.PlayAsync(ClusterStack.Standby * ClusterStack.SessionSize);

            var pods = (await Pods.ListAsync(ClusterStack.Claimed)).Where(pod => pod.Metadata.DeletionTimestamp is null).ToArray();
            Assert.All(seats, seat => Assert.Contains(pods, pod => pod.Metadata.Labels["session_id"] == seat.SessionId));
            Assert.All(
                seats.GroupBy(seat => (seat.Host, seat.Port)),
                address => Assert.Single(address.Select(seat => seat.SessionId).Distinct()));
            backends.UnionWith(pods.Select(pod => pod.Metadata.Annotations["gamestack/backend"]));
            await Players.EndAsync(seats);
            await Cluster.SettleAsync();
        }
    }

    private async Task EmptyPoolAsync()
    {
        await Cluster.ScaleAsync(0);
        await Pods.WaitAsync(ClusterStack.Free, "an empty pool", pods => pods.Count == 0, Patience);
    }
}
