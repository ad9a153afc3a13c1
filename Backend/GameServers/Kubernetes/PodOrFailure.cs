namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>A pod for a match, or one sentence about why there is none.</summary>
internal readonly record struct PodOrFailure(GameServerPod? Pod, string Failure)
{
    public static PodOrFailure Of(GameServerPod pod) => new(pod, "");

    public static PodOrFailure Failed(string why) => new(Pod: null, why);
}
