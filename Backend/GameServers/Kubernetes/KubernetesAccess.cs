using System.Net;
using GameStack.Backend.Dependencies;
using k8s;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>Whether the API server knows this backend. What it may do there is another question (<see cref="FleetObstacles"/>).</summary>
internal sealed class KubernetesAccess(TimeProvider time, ILogger<KubernetesAccess> logger)
    : DependencyAccess("The Kubernetes API", time, logger)
{
    private readonly string _credentials = KubernetesClientConfiguration.IsInCluster() ? "the pod's service account" : "KUBECONFIG";

    /// <summary>The API server answered with an error.</summary>
    public void Answered(HttpStatusCode status, string message)
    {
        if (status == HttpStatusCode.Unauthorized)
        {
            Refused($"the credentials of {_credentials}", "401", message);
        }
        else if (KubernetesCalls.IsTransient(status))
        {
            Failed();
        }
        else
        {
            Granted();
        }
    }

    /// <summary>The API server did not answer.</summary>
    public void Unavailable() => Failed();
}
