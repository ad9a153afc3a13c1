using GameStack.Backend.GameServers.Kubernetes;
using k8s.Models;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

public sealed class KubernetesFleetWatchTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    /// <summary>Claimed by backend-1.</summary>
    private static readonly GameServerPod Claimed = GameServerPod.Of(TestPods.Claimed(Guid.NewGuid()));

    [Fact]
    public void A_backend_sees_to_its_own_pods_even_while_it_cannot_tell_which_backends_there_are()
    {
        Assert.Equal([Claimed], KubernetesFleetWatch.FindMine([Claimed], others: null, "backend-1"));
        Assert.Empty(KubernetesFleetWatch.FindMine([Claimed], others: null, "backend-2"));
    }

    [Theory]
    [InlineData("Pending")]
    [InlineData("Running")]
    [InlineData("Unknown")]
    [InlineData(null)]
    public void The_pods_of_a_backend_that_may_be_alive_are_left_to_it(string? phase) =>
        Assert.Empty(FindMine(Claimed, Backend("backend-1", phase), Backend("backend-2", "Running")));

    [Theory]
    [InlineData("Failed")]
    [InlineData("Succeeded")]
    public void The_pods_of_a_backend_that_has_failed_and_is_still_there_are_taken_over(string phase) =>
        Assert.Equal([Claimed], FindMine(Claimed, Backend("backend-1", phase), Backend("backend-2", "Running")));

    [Fact]
    public void The_pods_of_a_backend_that_is_being_deleted_or_is_gone_are_taken_over()
    {
        var deleted = Backend("backend-1", "Running");
        deleted.Metadata.DeletionTimestamp = DateTime.UtcNow;

        Assert.Equal([Claimed], FindMine(Claimed, deleted, Backend("backend-2", "Running")));
        Assert.Equal([Claimed], FindMine(Claimed, Backend("backend-2", "Running")));
    }

    [Theory]
    [InlineData("False", 29, true)]
    [InlineData("False", 30, false)]
    [InlineData("True", 3600, true)]
    public void The_pods_of_a_backend_that_has_not_been_ready_for_30_s_are_taken_over(string ready, int seconds, bool isAlive)
    {
        var backend = Backend("backend-1", "Running");
        backend.Status.Conditions =
        [
            new V1PodCondition { Type = "Ready", Status = ready, LastTransitionTime = Now.UtcDateTime.AddSeconds(-seconds) },
        ];

        Assert.Equal(isAlive ? [] : [Claimed], FindMine(Claimed, backend, Backend("backend-2", "Running")));
    }

    [Fact]
    public void A_pod_without_a_match_is_nobodys() =>
        Assert.Empty(FindMine(GameServerPod.Of(TestPods.Standby()), Backend("backend-2", "Running")));

    /// <summary>What backend-2 looks after.</summary>
    private static IReadOnlyList<GameServerPod> FindMine(GameServerPod pod, params V1Pod[] backends) =>
        KubernetesFleetWatch.FindMine([pod], KubernetesFleetWatch.FindOthers(backends, "backend-2", Now), "backend-2");

    private static V1Pod Backend(string name, string? phase) =>
        new() { Metadata = new V1ObjectMeta { Name = name }, Status = phase is null ? null : new V1PodStatus { Phase = phase } };
}
