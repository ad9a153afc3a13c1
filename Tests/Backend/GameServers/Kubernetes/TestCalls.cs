using GameStack.Backend.GameServers.Kubernetes;
using k8s;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

/// <summary>Calls to a test's API server, in the namespace <c>studio</c>.</summary>
internal static class TestCalls
{
    public static KubernetesCalls To(Uri api, ILoggerFactory? logging = null)
    {
        var cluster = new KubernetesClientConfiguration { Host = api.ToString(), Namespace = "studio" };
        var logger = (logging ?? NullLoggerFactory.Instance).CreateLogger<KubernetesCalls>();
        return new KubernetesCalls(new k8s.Kubernetes(cluster), cluster, TimeProvider.System, logger);
    }
}
