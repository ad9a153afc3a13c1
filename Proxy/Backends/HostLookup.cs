using System.Net;

namespace GameStack.Proxy.Backends;

/// <summary>Returns all addresses of a host name, as <see cref="Dns.GetHostAddressesAsync(string, CancellationToken)"/> does.</summary>
internal delegate Task<IPAddress[]> HostLookup(string host, CancellationToken cancellationToken);
