using System.Net;

namespace GameStack.Proxy.Listening.ProxyProtocol;

/// <summary>What a load balancer says about a connection in front of the connection's own bytes.</summary>
/// <param name="Length">The header's length in bytes; what the client sent follows.</param>
/// <param name="Client">
/// The client's address; null if the header names none: the load balancer connects for itself, as its health checks do, or does not know
/// the client.
/// </param>
internal readonly record struct ProxyHeader(int Length, IPEndPoint? Client);
