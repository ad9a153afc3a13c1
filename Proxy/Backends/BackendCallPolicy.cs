using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace GameStack.Proxy.Backends;

/// <summary>
/// Decides which backends fail calls as YARP's policy <c>TransportFailureRate</c> does, but from the calls only that this proxy could send.
/// </summary>
internal sealed class BackendCallPolicy(IServiceProvider services) : IPassiveHealthCheckPolicy
{
    public const string PolicyName = "BackendCalls";

    /// <summary>As in <see cref="BackendProbePolicy"/>.</summary>
    private readonly Lazy<IPassiveHealthCheckPolicy> _failureRate = new(() => services
        .GetServices<IPassiveHealthCheckPolicy>()
        .Single(policy => policy.Name == HealthCheckConstants.PassivePolicy.TransportFailureRate));

    public string Name => PolicyName;

    public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination)
    {
        if (!BackendConnections.WereUsedUp(context.Features.Get<IForwarderErrorFeature>()?.Exception))
            _failureRate.Value.RequestProxied(context, cluster, destination);
    }
}
