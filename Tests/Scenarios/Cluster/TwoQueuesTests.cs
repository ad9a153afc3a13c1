using k8s;
using k8s.Models;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>Two queues share one namespace and its standby pool.</summary>
[Collection(ClusterCollection.Name)]
public sealed class TwoQueuesTests(ClusterStack cluster) : ClusterTests(cluster)
{
    private protected override string Overlay => ClusterStack.OutsideOverlay;

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
            foreign.Name(), ClusterStack.Place, cancellationToken: TestContext.Current.CancellationToken);
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
            cancellationToken: TestContext.Current.CancellationToken);
    }
}
