using System.Net;
using GameStack.Proxy.Forwarding;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.LoadBalancing;

namespace GameStack.Proxy.Backends;

/// <summary>All backends. Any backend can serve any player.</summary>
internal static class BackendCluster
{
    public const string Id = "backend";

    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(3);

    /// <summary>How long a backend that failed calls gets no calls, even if its probes succeed.</summary>
    private static readonly TimeSpan ReactivationPeriod = TimeSpan.FromSeconds(2);

    public static ClusterConfig For(IReadOnlyList<BackendAddress> addresses, ForwardingOptions options) => new()
    {
        ClusterId = Id,
        Destinations = addresses
            .Select((address, index) => (Name: $"backend-{index}", Config: ConfigOf(address)))
            .ToDictionary(destination => destination.Name, destination => destination.Config),
        LoadBalancingPolicy = LoadBalancingPolicies.PowerOfTwoChoices,

        // Kestrel reads headers as UTF-8, in the proxy and in the backend. With the default, ASCII, a call with any other letter in a
        // header would not be sent.
        HttpClient = new HttpClientConfig { RequestHeaderEncoding = "utf-8" },
        HttpRequest = new ForwarderRequestConfig
        {
            ActivityTimeout = options.ActivityTimeout,
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        },
        HealthCheck = new HealthCheckConfig
        {
            AvailableDestinationsPolicy = PreferredBackends.PolicyName,
            Active = new ActiveHealthCheckConfig
            {
                Enabled = true,
                Interval = options.ProbeInterval,
                Timeout = ProbeTimeout,
                Policy = BackendProbePolicy.PolicyName,
            },
            Passive = new PassiveHealthCheckConfig
            {
                Enabled = true,
                Policy = BackendCallPolicy.PolicyName,
                ReactivationPeriod = ReactivationPeriod,
            },
        },
    };

    private static DestinationConfig ConfigOf(BackendAddress backend) => new()
    {
        Address = backend.Url.AbsoluteUri,
        Metadata = backend.ShortPort is { } port ? ShortPorts.Metadata(port) : null,
    };
}
