using System.Net;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace GameStack.Proxy.Backends;

/// <summary>Makes the requests that probe backends, and tells them from calls.</summary>
internal sealed class BackendProbes : IProbingRequestFactory
{
    private const string Path = "/health";

    private static readonly HttpRequestOptionsKey<bool> Mark = new("gamestack.probe");

    public static bool Contains(HttpRequestMessage request) => request.Options.TryGetValue(Mark, out _);

    public HttpRequestMessage CreateRequest(ClusterModel cluster, DestinationModel destination)
    {
        var probe = For(destination.Config.Address.TrimEnd('/'));
        probe.Headers.Host = destination.Config.Host;
        probe.Options.Set(Mark, true);
        return probe;
    }

    /// <summary>The same as a call, which counts among the proxy's connections.</summary>
    /// <param name="backend">Its address without a path, such as <c>http://10.0.0.7:8080</c>.</param>
    public static HttpRequestMessage For(string backend) => new(HttpMethod.Get, backend + Path)
    {
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };
}
