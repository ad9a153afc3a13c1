namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>What became of a pod that a match waited for.</summary>
/// <param name="Outcome">The pod, which has started, or why it has not.</param>
/// <param name="IsUseless">Whether the pod was created for the match and failed by itself, as the next one would.</param>
internal readonly record struct PodStart(Result<GameServerPod> Outcome, bool IsUseless);
