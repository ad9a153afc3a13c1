using System.Text.Json;
using GameStack.Backend;
using GameStack.Backend.GameServers.Kubernetes;
using k8s.Models;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

public sealed class PodForMatchTests
{
    private static readonly Guid Match = Guid.Parse("1a2b3c4d-0000-4000-8000-000000000001");

    private static readonly BackendIdentity Backend = new("backend-1", "backend-1-1", "ranked");

    [Fact]
    public void It_is_a_pod_of_the_pool_but_for_its_labels_and_its_one_life()
    {
        var standby = TestPods.Standby();
        standby.Metadata.Labels["team"] = "blue";
        standby.Metadata.Annotations = new Dictionary<string, string> { ["note"] = "kept" };
        var template = new V1PodTemplateSpec { Metadata = standby.Metadata, Spec = standby.Spec };

        var pod = PodForMatch.Make(template, Match, "studio", Backend, "k1,k2", hostPort: 7001);

        Assert.Equal(("game-server-1a2b3c4d", "studio", "Never"), (pod.Metadata.Name, pod.Metadata.NamespaceProperty,
            pod.Spec.RestartPolicy));
        Assert.Equal(("claimed", Match.ToString(), "blue"), (pod.Metadata.Labels["pool"], pod.Metadata.Labels["session_id"],
            pod.Metadata.Labels["team"]));
        Assert.Equal("k1,k2", GameServerPod.Of(pod).TicketKeys);
        Assert.Equal(("kept", "backend-1", "false"), (pod.Metadata.Annotations["note"], pod.Metadata.Annotations["gamestack/backend"],
            pod.Metadata.Annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"]));
        Assert.Equal(7001, pod.Spec.Containers[0].Ports.Single(port => port.Name == "game").HostPort);
    }

    /// <summary>Somebody has copied a match's pod, with the address of its players.</summary>
    [Fact]
    public void It_has_nothing_of_another_match_that_the_template_names()
    {
        var standby = TestPods.Standby();
        standby.Metadata.Annotations = new Dictionary<string, string>
        {
            ["gamestack/address"] = "192.0.2.1:30001",
            ["gamestack/gateway"] = "true",
            ["gamestack/session"] = $"{Guid.NewGuid()}",
        };
        var template = new V1PodTemplateSpec { Metadata = standby.Metadata, Spec = standby.Spec };

        var pod = GameServerPod.Of(PodForMatch.Make(template, Match, "studio", Backend, "", hostPort: null));

        Assert.True(pod is { HasAddress: false, SaysGateway: false, IsMislabelled: false } && pod.MatchId == Match);
    }

    [Fact]
    public void Matches_that_share_a_template_have_ports_of_their_own()
    {
        var standby = TestPods.Standby();
        var template = new V1PodTemplateSpec { Metadata = standby.Metadata, Spec = standby.Spec };

        var pods = new[] { 7001, 7002 }.Select(port => PodForMatch.Make(template, Match, "studio", Backend, "", port)).ToArray();

        Assert.Equal([7001, 7002], pods.Select(pod => GameServerPod.Of(pod).HostPort));
        Assert.True(GameServerPod.Of(standby) is { HostPort: null, IsFromPool: true });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_claim_asks_for_the_very_pod_and_that_it_still_stands_by(bool hasAnnotations)
    {
        var standby = TestPods.Standby();
        standby.Metadata.ResourceVersion = "7";
        standby.Metadata.Annotations = hasAnnotations ? new Dictionary<string, string> { ["cni"] = "10.0.0.7" } : null;

        using var patch = JsonDocument.Parse((string)PodPatch.Claim(GameServerPod.Of(standby), Match, Backend, "k1,k2").Content);
        var steps = patch.RootElement.EnumerateArray().Select(step => (Op: step.GetProperty("op").GetString(),
            Path: step.GetProperty("path").GetString(), Value: step.GetProperty("value").ToString())).ToArray();

        Assert.Equal([("test", "/metadata/uid", standby.Metadata.Uid), ("test", "/metadata/labels/pool", "standby")], steps[..2]);
        Assert.Contains(("replace", "/metadata/labels/pool", "claimed"), steps);
        Assert.Contains(("add", "/metadata/labels/session_id", Match.ToString()), steps);
        Assert.Contains(("add", "/metadata/annotations/gamestack~1backend", "backend-1"), steps);
        Assert.Contains(("add", "/metadata/annotations/gamestack~1queue", "ranked"), steps);
        Assert.Contains(("add", "/metadata/annotations/gamestack~1ticket-keys", "k1,k2"), steps);
        Assert.Equal(!hasAnnotations, steps.Any(step => step.Path == "/metadata/annotations"));
        Assert.Equal(!hasAnnotations, steps.Contains(("test", "/metadata/resourceVersion", "7")));
    }
}
