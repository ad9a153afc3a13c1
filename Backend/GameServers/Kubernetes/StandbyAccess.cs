using GameStack.Backend.Dependencies;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>Whether the servers on standby accept this backend's control key.</summary>
internal sealed class StandbyAccess(TimeProvider time, ILogger<StandbyAccess> logger) : DependencyAccess("The standby pool", time, logger)
{
    /// <summary>A server has denied this backend, and none has accepted it.</summary>
    /// <param name="pod">The name of its pod.</param>
    public void Denied(string pod) => Refused("the backend's private key", "DENIED", DenialBy(pod));

    /// <summary>No server could be asked, which says nothing about the key.</summary>
    public void Unknown() => Failed();

    /// <summary>What the denial of a pod's server means, in one sentence.</summary>
    public static string DenialBy(string pod) =>
        $"Pod {pod} answers DENIED: its public key does not belong to this backend's private key (docs/deploy.md, section Secrets).";
}
