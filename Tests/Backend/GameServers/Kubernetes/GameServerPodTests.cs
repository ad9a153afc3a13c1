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
    [InlineData("pool", "standby")]
    [InlineData("pool", "anything")]
    [InlineData("pool", null)]
    [InlineData("session_id", null)]
    [InlineData("session_id", "0b6e2a8e-0000-4000-8000-000000000001")]
    [InlineData("gamestack/pod", null)]
    public void A_claimed_pod_keeps_its_match_whatever_becomes_of_its_labels(string label, string? value)
    {
        var pod = TestPods.Claimed(Match);
        Assert.False(GameServerPod.Of(pod).IsMislabelled);

        Edit(pod.Metadata.Labels, label, value);

        var edited = GameServerPod.Of(pod);
        Assert.True(edited is { IsMislabelled: true, IsStandby: false, IsUnclear: false, Gone: null });
        Assert.Equal(Match, edited.MatchId);
    }

    [Fact]
    public void The_label_alone_counts_on_a_pod_that_a_backend_has_claimed_and_on_no_other()
    {
        var pod = TestPods.Claimed(Match);
        pod.Metadata.Annotations.Remove("gamestack/session");
        Assert.Equal(Match, GameServerPod.Of(pod).MatchId);

        pod.Metadata.Annotations.Remove("gamestack/backend");

        Assert.True(GameServerPod.Of(pod) is { MatchId: null, IsUnclear: true, IsStandby: false });
    }

    [Theory]
    [InlineData("session_id", "not even a match")]
    [InlineData("gamestack/pod", "game-server-1")]
    [InlineData("pool", "claimed")]
    [InlineData("pool", "stanby")]
    [InlineData("pool", null)]
    public void A_standby_pod_whose_labels_somebody_has_edited_is_unclear(string label, string? value)
    {
        var pod = TestPods.Standby();
        Edit(pod.Metadata.Labels, label, value);

        Assert.True(GameServerPod.Of(pod) is { MatchId: null, IsUnclear: true, IsStandby: false });
    }

    /// <summary>The pool's template may have a queue: such a pod is deleted again and again if it does not stand by.</summary>
    [Theory]
    [InlineData("gamestack/session", "0b6e2a8e-0000-4000-8000-000000000001", false)]
    [InlineData("gamestack/queue", "default", true)]
    [InlineData("gamestack/backend", "backend-1", true)]
    public void A_pod_with_an_annotation_of_a_claim_stands_by_unless_it_names_a_match(string annotation, string value, bool standsBy)
    {
        var pod = TestPods.Standby();
        pod.Metadata.Annotations = new Dictionary<string, string> { [annotation] = value };

        var known = GameServerPod.Of(pod);
        Assert.Equal((standsBy, null), (known.IsStandby, known.Gone));
        Assert.NotEqual(standsBy, known.IsUnclear);
    }

    [Fact]
    public void A_match_without_a_queue_is_unclear()
    {
        var pod = TestPods.Claimed(Match);
        pod.Metadata.Annotations.Remove("gamestack/queue");

        Assert.True(GameServerPod.Of(pod) is { IsUnclear: true, IsMislabelled: false });
    }

    [Fact]
    public void A_pod_that_is_set_aside_is_nobodys_and_its_match_is_over()
    {
        var (standby, claimed) = (TestPods.Standby(), TestPods.Claimed(Match));
        standby.Metadata.Labels["pool"] = claimed.Metadata.Labels["pool"] = "debug";

        Assert.True(GameServerPod.Of(standby) is { IsSetAside: true, IsStandby: false, IsUnclear: false });
        Assert.True(GameServerPod.Of(claimed) is { IsSetAside: true, IsMislabelled: false, Gone: not null });
    }

    [Theory]
    [InlineData("deleted")]
    [InlineData("evicted")]
    [InlineData("succeeded")]
    [InlineData("exited")]
    [InlineData("waiting")]
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
            case "waiting":
                pod.Metadata.Annotations["gamestack/restarts"] = "1";
                WaitAfterExit(status);
                break;
            default:
                status.RestartCount = 1;
                break;
        }

        Assert.NotNull(GameServerPod.Of(pod).Gone);
    }

    [Theory]
    [InlineData("OutOfcpu", false, true)]
    [InlineData("UnexpectedAdmissionError", false, true)]
    [InlineData("Evicted", false, true)]
    [InlineData("Evicted", true, false)]
    [InlineData("Terminated", true, false)]
    [InlineData(null, true, true)]
    public void A_pod_that_its_node_does_not_let_start_has_ended_like_one_whose_program_exits(string? reason, bool hasRun, bool hasEnded)
    {
        var pod = TestPods.Claimed(Match);
        (pod.Status.Phase, pod.Status.Reason, pod.Status.Conditions, pod.Status.ContainerStatuses) = ("Failed", reason, null, null);
        if (hasRun)
        {
            pod.Status.ContainerStatuses =
            [
                new V1ContainerStatus
                {
                    Name = "game-server",
                    State = new V1ContainerState { Terminated = new V1ContainerStateTerminated { ExitCode = 137, Reason = "Error" } },
                },
            ];
        }

        Assert.Equal(hasEnded, GameServerPod.Of(pod).HasEnded);
        pod.Metadata.DeletionTimestamp = DateTime.UtcNow;
        Assert.False(GameServerPod.Of(pod).HasEnded);
    }

    [Fact]
    public void A_pod_on_standby_that_waits_to_be_started_again_is_stuck_and_not_gone()
    {
        var pod = TestPods.Standby();
        WaitAfterExit(pod.Status.ContainerStatuses[0]);

        Assert.True(GameServerPod.Of(pod) is { Gone: null, Stuck: not null, IsStandby: true });
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
    public void A_pod_on_standby_serves_also_if_somebody_has_written_how_often_it_had_restarted()
    {
        var pod = TestPods.Standby();
        pod.Metadata.Annotations = new Dictionary<string, string> { ["gamestack/restarts"] = "0" };
        pod.Status.ContainerStatuses[0].RestartCount = 1;

        Assert.True(GameServerPod.Of(pod) is { IsStandby: true, Gone: null });
    }

    [Fact]
    public void A_pod_whose_match_only_a_label_names_is_mislabelled()
    {
        var pod = TestPods.Claimed(Match);
        pod.Metadata.Annotations.Remove("gamestack/session");

        Assert.True(GameServerPod.Of(pod) is { IsMislabelled: true, IsUnclear: false } known && known.MatchId == Match);
    }

    [Fact]
    public void A_pod_that_is_being_deleted_is_not_unclear()
    {
        var pod = TestPods.Standby();
        pod.Metadata.Labels["pool"] = "claimed";
        Assert.True(GameServerPod.Of(pod).IsUnclear);

        pod.Metadata.DeletionTimestamp = DateTime.UtcNow;

        Assert.False(GameServerPod.Of(pod).IsUnclear);
    }

    [Fact]
    public void A_pod_without_its_image_is_stuck()
    {
        var pod = TestPods.Claimed(Match);
        var waiting = new V1ContainerStateWaiting { Reason = "ImagePullBackOff", Message = "no such image" };
        pod.Status.ContainerStatuses[0].State = new V1ContainerState { Waiting = waiting };

        Assert.Equal("ImagePullBackOff: no such image", GameServerPod.Of(pod).Stuck);
    }

    [Theory]
    [InlineData("ImagePullBackOff", true)]
    [InlineData("CreateContainerError", false)]
    public void A_pod_whose_injected_container_does_not_start_says_which(string reason, bool isStuck)
    {
        var pod = TestPods.Claimed(Match);
        pod.Status.ContainerStatuses[0].State = new() { Waiting = new V1ContainerStateWaiting { Reason = "PodInitializing" } };
        pod.Status.InitContainerStatuses = [Waiting(reason)];

        var known = GameServerPod.Of(pod);

        Assert.Equal(isStuck ? known.WaitsFor : null, known.Stuck);
        Assert.Equal(($"{reason} in container proxy-init: no", !isStuck), (known.WaitsFor, known.CannotBeCreated));
    }

    [Fact]
    public void A_container_beside_the_program_does_not_keep_it_from_starting()
    {
        var pod = TestPods.Claimed(Match);
        pod.Status.ContainerStatuses[0].State = new() { Waiting = new V1ContainerStateWaiting { Reason = "ContainerCreating" } };
        pod.Status.ContainerStatuses.Add(Waiting("ImagePullBackOff"));

        Assert.True(GameServerPod.Of(pod) is { Stuck: null, WaitsFor: "ContainerCreating" });
    }

    [Fact]
    public void A_program_that_runs_is_not_stuck_whatever_becomes_of_other_containers()
    {
        var pod = TestPods.Claimed(Match);
        pod.Status.ContainerStatuses.Add(Waiting("CrashLoopBackOff"));

        Assert.True(GameServerPod.Of(pod) is { Stuck: null, WaitsFor: null, IsStarted: true });
    }

    [Fact]
    public void A_pod_whose_injected_container_has_failed_says_which()
    {
        var pod = TestPods.Claimed(Match);
        pod.Status.Phase = "Failed";
        pod.Status.ContainerStatuses[0].State = new() { Waiting = new V1ContainerStateWaiting { Reason = "PodInitializing" } };
        var failed = Waiting("");
        failed.State = new V1ContainerState { Terminated = new V1ContainerStateTerminated { ExitCode = 3, Reason = "Error" } };
        pod.Status.InitContainerStatuses = [failed];

        Assert.Equal("It has failed (exit code 3 in container proxy-init).", GameServerPod.Of(pod).Gone);
    }

    [Fact]
    public void A_pod_of_which_little_is_known_yet_is_neither_started_nor_gone()
    {
        var pod = GameServerPod.Of(new V1Pod { Metadata = new V1ObjectMeta { Name = "game-server-1", Uid = "1" } });

        Assert.True(pod is { IsStandby: false, IsReady: false, IsStarted: false, MatchId: null, Gone: null, Stuck: null, Ip: "" });
    }

    private static V1ContainerStatus Waiting(string reason) => new()
    {
        Name = "proxy-init",
        State = new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = reason, Message = "no" } },
    };

    /// <summary>It has exited for the second time, and the kubelet waits before it starts it again.</summary>
    private static void WaitAfterExit(V1ContainerStatus status)
    {
        status.RestartCount = 1;
        status.State = new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = "CrashLoopBackOff" } };
        status.LastState = new V1ContainerState
        {
            Terminated = new V1ContainerStateTerminated { ExitCode = 139, Reason = "Error" },
        };
    }

    private static void Edit(IDictionary<string, string> labels, string name, string? value)
    {
        if (value is null)
        {
            labels.Remove(name);
        }
        else
        {
            labels[name] = value;
        }
    }
}
