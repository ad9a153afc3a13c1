using k8s.Models;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

/// <summary>Pods as the API server would show them.</summary>
internal static class TestPods
{
    public static V1Pod Standby(string name = "game-server-5f6d-abcde") => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = name,
            Uid = Guid.NewGuid().ToString(),
            Labels = new Dictionary<string, string> { ["app"] = "game-server", ["pool"] = "standby" },
        },
        Spec = new V1PodSpec
        {
            Containers =
            [
                new V1Container
                {
                    Name = "game-server",
                    Ports = [new V1ContainerPort { Name = "game", ContainerPort = 7777 },
                        new V1ContainerPort { Name = "control", ContainerPort = 7778 }],
                },
            ],
        },
        Status = new V1PodStatus
        {
            Phase = "Running",
            PodIP = "10.0.0.7",
            HostIP = "192.0.2.1",
            Conditions = [new V1PodCondition { Type = "Ready", Status = "True" }],
            ContainerStatuses = [new V1ContainerStatus { Name = "game-server",
                State = new V1ContainerState { Running = new V1ContainerStateRunning() } }],
        },
    };

    public static V1Pod Claimed(Guid matchId, string name = "game-server-5f6d-abcde")
    {
        var pod = Standby(name);
        pod.Metadata.Labels["pool"] = "claimed";
        pod.Metadata.Labels["session_id"] = matchId.ToString();
        pod.Metadata.Labels["gamestack/pod"] = name;
        pod.Metadata.Annotations = new Dictionary<string, string>
        {
            ["gamestack/session"] = matchId.ToString(),
            ["gamestack/backend"] = "backend-1",
            ["gamestack/queue"] = "default",
            ["gamestack/restarts"] = "0",
        };
        return pod;
    }
}
