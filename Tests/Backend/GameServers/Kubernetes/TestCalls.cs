using System.Security.Cryptography;
using GameStack.Backend.Dependencies;
using GameStack.Backend.GameServers.Kubernetes;
using k8s;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

/// <summary>Calls to a test's API server, in the namespace <c>studio</c>.</summary>
internal static class TestCalls
{
    public static KubernetesCalls To(Uri api, ILoggerFactory? logging = null) => To(api, Obstacles(logging));

    public static KubernetesCalls To(Uri api, FleetObstacles obstacles, KubernetesAccess? access = null, TimeProvider? time = null)
    {
        var cluster = new KubernetesClientConfiguration { Host = api.ToString(), Namespace = "studio" };
        return new KubernetesCalls(new k8s.Kubernetes(cluster), cluster, obstacles, access ?? Access(), time ?? TimeProvider.System);
    }

    /// <summary>With a new key, to which no server's key belongs.</summary>
    public static ControlSigner Signer(TimeSpan patience)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new ControlSigner(key.ExportPkcs8PrivateKeyPem()) { Patience = patience };
    }

    public static KubernetesAccess Access(ILoggerFactory? logging = null) =>
        new(TimeProvider.System, (logging ?? NullLoggerFactory.Instance).CreateLogger<KubernetesAccess>());

    /// <summary>What a backend's health says of this dependency.</summary>
    public static HealthStatus StatusOf(DependencyAccess access)
    {
        var registration = new HealthCheckRegistration("kubernetes", _ => null!, HealthStatus.Degraded, tags: null);
        return access.Check(new HealthCheckContext { Registration = registration }, description: null).Status;
    }

    public static FleetObstacles Obstacles(ILoggerFactory? logging = null) =>
        new(TimeProvider.System, (logging ?? NullLoggerFactory.Instance).CreateLogger<FleetObstacles>());
}
