using System.Net;
using System.Security.Authentication;
using GameStack.Backend.Dependencies;
using k8s;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Whether the API server knows this backend and lets it list pods, without which it can do nothing. What else it may do there is another
/// question (<see cref="FleetObstacles"/>).
/// </summary>
internal sealed class KubernetesAccess(TimeProvider time, ILogger<KubernetesAccess> logger)
    : DependencyAccess("The Kubernetes API", time, logger)
{
    private readonly string _credentials = KubernetesClientConfiguration.IsInCluster() ? "the pod's service account" : "KUBECONFIG";
    private volatile bool _hasListed;

    /// <summary>The API server did what this backend asked for, or refused it for a reason that the caller expects.</summary>
    public void Answered(string what)
    {
        _hasListed |= what == KubernetesCalls.ListPods;
        if (_hasListed)
        {
            Granted();
        }
    }

    /// <summary>The API server answered with an error.</summary>
    /// <param name="what">What it was asked for.</param>
    /// <param name="status">The status of its answer.</param>
    /// <param name="message">Its own words.</param>
    /// <param name="isPermissionMissing">Whether it says that this backend's permissions do not suffice.</param>
    public void Answered(string what, HttpStatusCode status, string message, bool isPermissionMissing)
    {
        if (status == HttpStatusCode.Unauthorized)
        {
            Refused($"the credentials of {_credentials}", "401", message);
        }
        else if (KubernetesCalls.IsTransient(status))
        {
            Failed();
        }
        else if (isPermissionMissing && what == KubernetesCalls.ListPods && !_hasListed)
        {
            Refused($"{_credentials} the right to {what}", "403", message);
        }
        else if (_hasListed)
        {
            Granted();
        }
        else
        {
            Failed();
        }
    }

    /// <summary>The API server did not answer.</summary>
    public void Unavailable(Exception exception)
    {
        if (exception is HttpRequestException { InnerException: AuthenticationException certificate })
        {
            Distrusted(certificate.Message);
        }
        else
        {
            Failed();
        }
    }
}
