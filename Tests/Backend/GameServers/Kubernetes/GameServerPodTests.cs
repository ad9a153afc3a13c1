using GameStack.Backend.GameServers.Kubernetes;
using k8s.Models;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

public sealed class GameServerPodTests
{
    private static readonly Guid Match = Guid.NewGuid();

    [Fact]
    public void A_ready_pod_of_the_pool_stands_by()
    {
        var pod = GameServerPod.Of(TestPods.Standby());

        Assert.True(pod is { IsStandby: true, IsReady: true, IsStarted: true, MatchId: null, Gone: null, Stuck: null });
        Assert.Equal(("10.0.0.7", 7777, 7778), (pod.Ip, pod.GamePort, pod.ControlPort));
    }

    [Fact]
    public void A_claimed_pod_names_its_match_and_its_backend()
    {
        var pod = GameServerPod.Of(TestPods.Claimed(Match));

        Assert.Equal((Match, "backend-1", false), (pod.MatchId, pod.Backend, pod.IsStandby));
        Assert.Null(pod.Gone);
    }

    [Theory]
    [InlineData("deleted")]
    [InlineData("evicted")]
    [InlineData("succeeded")]
    [InlineData("exited")]
    [InlineData("restarted")]
    public void A_claimed_pod_is_gone_when_it_is(string what)
    {
        var pod = TestPods.Claimed(Match);
        var status = pod.Status.ContainerStatuses[0];
        switch (what)
        {
            case "deleted":
                pod.Metadata.DeletionTimestamp = DateTime.UtcNow;
                break;
            case "evicted":
                (pod.Status.Phase, pod.Status.Reason) = ("Failed", "Evicted");
                break;
            case "succeeded":
                pod.Status.Phase = "Succeeded";
                break;
            case "exited":
                status.State = new V1ContainerState { Terminated = new V1ContainerStateTerminated { ExitCode = 139, Reason = "Error" } };
                break;
            default:
                status.RestartCount = 1;
                break;
        }

        Assert.NotNull(GameServerPod.Of(pod).Gone);
    }

    [Fact]
    public void A_pod_that_had_been_restarted_before_it_was_claimed_is_not_gone()
    {
        var pod = TestPods.Claimed(Match);
        pod.Metadata.Annotations["gamestack/restarts"] = "2";
        pod.Status.ContainerStatuses[0].RestartCount = 2;

        Assert.Null(GameServerPod.Of(pod).Gone);
    }

    [Fact]
    public void A_pod_without_its_image_is_stuck()
    {
        var pod = TestPods.Claimed(Match);
        var waiting = new V1ContainerStateWaiting { Reason = "ImagePullBackOff", Message = "no such image" };
        pod.Status.ContainerStatuses[0].State = new V1ContainerState { Waiting = waiting };

        Assert.Equal("ImagePullBackOff: no such image", GameServerPod.Of(pod).Stuck);
    }

    [Fact]
    public void A_pod_of_which_little_is_known_yet_is_neither_started_nor_gone()
    {
        var pod = GameServerPod.Of(new V1Pod { Metadata = new V1ObjectMeta { Name = "game-server-1", Uid = "1" } });

        Assert.True(pod is { IsStandby: false, IsReady: false, IsStarted: false, MatchId: null, Gone: null, Stuck: null, Ip: "" });
    }
}
