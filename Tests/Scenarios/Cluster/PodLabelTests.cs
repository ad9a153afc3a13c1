using GameStack.Tests.Support;
using k8s;
using k8s.Models;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>Labels and annotations that somebody edits.</summary>
[Collection(ClusterCollection.Name)]
public sealed class PodLabelTests(ClusterStack cluster) : AuditedTests(cluster)
{
    [Fact]
    public async Task A_claimed_pod_that_is_put_back_on_standby_keeps_its_players()
    {
        var seats = await Players.PlayAsync(ClusterStack.SessionSize);
        var pod = await PodOfAsync(seats[0]);

        await LabelAsync(pod, """{"pool":"standby"}""");
        var others = await Players.PlayAsync(4 * ClusterStack.SessionSize);

        var repaired = await Pods.WaitAsync(
            ClusterStack.Claimed, "the label of its match", pods => pods.Any(there => there.Uid() == pod.Uid()), Patience);
        Assert.DoesNotContain(others, seat => seat.SessionId == seats[0].SessionId);
        Assert.Equal(seats[0].SessionId, repaired.Single(there => there.Uid() == pod.Uid()).Metadata.Labels["session_id"]);
        await Players.EndAsync(others);
        await PlayToTheEndAsync(seats);
    }

    [Fact]
    public async Task A_claimed_pod_without_its_labels_and_annotations_keeps_its_players()
    {
        var seats = await Players.PlayAsync(ClusterStack.SessionSize);
        var pod = await PodOfAsync(seats[0]);
        await using var player = await LineClient.ConnectAsync(seats[0], Token);

        var nothing = """
            {"metadata":{
                "labels":{"session_id":null,"gamestack/pod":null},
                "annotations":{"gamestack/session":null,"gamestack/queue":null,"gamestack/backend":null,"gamestack/address":null} } }
            """;
        await Cluster.Client.CoreV1.PatchNamespacedPodAsync(
            new V1Patch(nothing, V1Patch.PatchType.MergePatch), pod.Name(), ClusterStack.Place, cancellationToken: Token);
        await Pods.WaitAsync(
            $"{ClusterStack.Claimed},session_id={seats[0].SessionId}", "its labels", pods => pods.Count == 1, Patience);

        Assert.Equal("STATE open", await player.AskAsync("GET_STATE"));
        await PlayToTheEndAsync(seats);
    }

    [Fact]
    public async Task A_pod_that_is_claimed_by_hand_or_has_lost_its_pool_goes_and_one_that_is_set_aside_stays()
    {
        var free = (await Pods.ListAsync(ClusterStack.Free)).Take(3).ToArray();
        var (claimed, unlabelled, aside) = (free[0], free[1], free[2]);

        await LabelAsync(claimed, """{"pool":"claimed"}""");
        await LabelAsync(unlabelled, """{"pool":null}""");
        await LabelAsync(aside, """{"pool":"debug"}""");
        await Pods.WaitAsync(
            ClusterStack.GameServers, "no pod that is nobody's",
            pods => pods.All(pod => pod.Uid() != claimed.Uid() && pod.Uid() != unlabelled.Uid()), Patience);

        Assert.Contains(await Pods.ListAsync("pool=debug"), pod => pod.Uid() == aside.Uid() && pod.Metadata.DeletionTimestamp is null);
        await Cluster.Client.CoreV1.DeleteNamespacedPodAsync(aside.Name(), ClusterStack.Place, cancellationToken: Token);
        await AuditAsync([]);
    }

    private Task<V1Pod> LabelAsync(V1Pod pod, string labels) => Cluster.Client.CoreV1.PatchNamespacedPodAsync(
        new V1Patch($$"""{"metadata":{"labels":{{labels}} } }""", V1Patch.PatchType.MergePatch), pod.Name(), ClusterStack.Place,
        cancellationToken: Token);
}
