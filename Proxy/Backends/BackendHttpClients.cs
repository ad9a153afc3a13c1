using GameStack.Proxy.Forwarding;
using GameStack.ServiceDefaults.Calling;
using Yarp.ReverseProxy.Forwarder;

namespace GameStack.Proxy.Backends;

/// <summary>How the proxy connects to backends.</summary>
internal sealed class BackendHttpClients(
    ForwardingOptions options, BackendConnections connections, ShortPorts shortPorts, ILoggerFactory logging,
    ILogger<ForwarderHttpClientFactory> logger)
    : ForwarderHttpClientFactory(logger)
{
    /// <summary>
    /// An idle connection takes a slot that a connection to another backend may need. Far shorter than a backend keeps it (Kestrel's
    /// 130 s), so that no call is sent over a connection that the backend is closing.
    /// </summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The maximum age of a connection to a backend. Behind a load balancer's address, each connection leads to one backend, so this
    /// determines how soon new backends get their share.
    /// </summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long a connection with calls may be silent before it is tried, and how long that may take: all short calls to a backend share
    /// a connection, and fail together if the backend's machine is gone.
    /// </summary>
    private static readonly TimeSpan PingTime = TimeSpan.FromSeconds(5);

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ConnectTimeout = options.ConnectTimeout;
        handler.PooledConnectionLifetime = ConnectionLifetime;
        handler.PooledConnectionIdleTimeout = IdleTimeout;
        handler.MaxResponseDrainSize = 0; // The end of a stream that nobody reads any more may never come.
        handler.ConnectCallback = connections.OpenAsync;
        handler.EnableMultipleHttp2Connections = true; // When one has as many calls as the backend allows, 100.
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;
        handler.KeepAlivePingDelay = handler.KeepAlivePingTimeout = PingTime;
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler)
    {
        var probes = new SocketsHttpHandler();
        base.ConfigureHandler(context, probes);
        probes.AllowAutoRedirect = probes.UseCookies = probes.UseProxy = false;
        probes.ConnectTimeout = options.ConnectTimeout;
        probes.ConnectCallback = ClientConnection.OpenAsync;
        probes.PooledConnectionLifetime = ConnectionLifetime;
        var all = new ProbesApart(base.WrapHandler(context, handler), new HttpMessageInvoker(probes));
        return new ShortCalls(new BackendAnswers(all, logging.CreateLogger<BackendAnswers>()), shortPorts);
    }

    /// <summary>
    /// Sends probes over connections of their own: one for each backend, which <see cref="BackendConnections"/> does not count. A proxy
    /// that uses all the others is no reason to take a backend out of rotation.
    /// </summary>
    private sealed class ProbesApart(HttpMessageHandler calls, HttpMessageInvoker probes) : DelegatingHandler(calls)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            BackendProbes.Contains(request) ? probes.SendAsync(request, cancellationToken) : base.SendAsync(request, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                probes.Dispose();
            base.Dispose(disposing);
        }
    }
}
