namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>Where the fleet runs.</summary>
/// <param name="Namespace">The namespace of its pods.</param>
/// <param name="Backend">This backend's pod.</param>
internal sealed record KubernetesPlace(string Namespace, string Backend);
