using System.Net;
using System.Net.Sockets;
using GameStack.ServiceDefaults.Timing;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace GameStack.Proxy.Backends;

/// <summary>
/// Finds all addresses of a backend's host name, again and again: behind a headless Service of Kubernetes, each address is another backend.
/// (YARP's own resolver fails the proxy's start while a name has no address, and looks again only after five minutes.)
/// </summary>
internal sealed partial class BackendResolver(HostLookup lookup, TimeProvider time, ILogger<BackendResolver> logger) : IDestinationResolver
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>How long a proxy that starts waits for the first answer, too.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>By host name. A name that is no longer resolved keeps its addresses: the probes find out which of them answer.</summary>
    private readonly Dictionary<string, IPAddress[]> _known = new(StringComparer.OrdinalIgnoreCase);

    private readonly HashSet<string> _failing = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Is not called again before the change token of the last call has changed.</summary>
    public async ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
        IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken)
    {
        var resolved = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal);
        foreach (var (name, backend) in destinations)
        {
            var uri = new Uri(backend.Address);
            var addresses = uri is { HostNameType: UriHostNameType.Dns, IsLoopback: false }
                ? await FindAsync(uri.IdnHost, cancellationToken)
                : []; // A program on this machine often listens on one of localhost's two addresses only.
            foreach (var address in addresses)
            {
                resolved[$"{name}[{address}]"] = backend with
                {
                    Address = new UriBuilder(uri) { Host = address.ToString() }.Uri.AbsoluteUri,
                    Host = uri.Authority,
                };
            }

            if (addresses.Length == 0)
                resolved[name] = backend;
        }

        var next = new CancellationTokenSource(Period, time);
        return new ResolvedDestinationCollection(resolved, new CancellationChangeToken(next.Token));
    }

    private async Task<IPAddress[]> FindAsync(string host, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(Patience, time, cancellationToken);
        try
        {
            _known[host] = await lookup(host, limit.Token);
            if (_failing.Remove(host))
                Log.Resolved(logger, host);
        }
        catch (Exception e) when (e is SocketException || limit.HasExpired)
        {
            if (_failing.Add(host))
                Log.NotResolved(logger, host, e.Message);
        }

        return _known.GetValueOrDefault(host, []);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotResolved, LogLevel.Warning, "Cannot resolve the backend's host {Host}; retrying: {Reason}")]
        public static partial void NotResolved(ILogger logger, string host, string reason);

        [LoggerMessage(EventIds.Resolved, LogLevel.Information, "Can resolve the backend's host {Host} again")]
        public static partial void Resolved(ILogger logger, string host);
    }
}
