using System.Net;
using System.Net.Sockets;
using GameStack.Proxy.Gateway.Listening;
using GameStack.Proxy.Listening.ProxyProtocol;
using GameStack.ServiceDefaults.Listening;
using GameStack.ServiceDefaults.Shutdown;
using GameStack.ServiceDefaults.Timing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace GameStack.Proxy.Gateway;

/// <summary>
/// Listens on the gateway's port, with a Kestrel of its own: endpoints set in code would make the HTTP door's Kestrel ignore <c>urls</c>
/// and <c>HTTP_PORTS</c>. A draining gateway first accepts connections as usual, since it takes a while until all senders notice that the
/// proxy is not ready. Then it closes its port and waits for the matches that are played through it.
/// </summary>
internal sealed partial class GatewayServer(
    IServiceProvider services, GatewayPlaces places, IOptions<GatewayOptions> options, IOptions<ShutdownOptions> shutdown,
    TimeProvider time, ILoggerFactory loggers) : IHostedService, IDrainTask, IDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger<GatewayServer>();
    private KestrelServer? _kestrel;

    /// <summary>The port, once the gateway listens.</summary>
    public int Port { get; private set; }

    /// <exception cref="SocketException">The port is taken.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var socket = GatewaySockets.Listen(options.Value.Port);
        Port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        var kestrel = new KestrelServerOptions
        {
            ApplicationServices = services,

            // Beyond the places, some connections are open for a moment, only to be told so. Any others are closed at once.
            Limits =
            {
                MaxConcurrentConnections =
                    options.Value.MaxConnections + options.Value.WaitingConnections + ListeningCapacity.Refusals,
            },
        };
        kestrel.Listen(socket.LocalEndPoint!, Configure);
        _kestrel = new KestrelServer(Options.Create(kestrel), new SocketListenerFactory(socket), loggers);
        await _kestrel.StartAsync(new NoHttp(), cancellationToken);
        Log.Listening(_logger, Port);
    }

    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(shutdown.Value.DrainSeconds), time, cancellationToken);
        using var limit = new TimeLimit(options.Value.Drain, time, cancellationToken);
        if (places.Taken > 0)
            Log.Draining(_logger, places.Taken, options.Value.DrainSeconds);

        // Closes the port at once, and at the limit the connections that are left. Players on WebSockets have until the HTTP door closes.
        var stopped = _kestrel!.StopAsync(limit.Token);
        await places.WaitUntilEmptyAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (places.Taken > 0)
            Log.Cut(_logger, places.Taken);

        await stopped;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _kestrel?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public void Dispose() => _kestrel?.Dispose();

    /// <summary>What a connection passes, in this order.</summary>
    private void Configure(ListenOptions listener)
    {
        // A load balancer's PROXY header comes before everything else, TLS too. It sets the connection's RemoteEndPoint, which the limit
        // for each address counts.
        if (services.GetRequiredService<IOptions<ProxyProtocolOptions>>().Value.IsOn)
            listener.UseProxyProtocol(services);

        // Before TLS: a connection that never finishes its handshake is counted, too.
        listener.Use(next => connection => places.AdmitAsync(connection, next));

        if (options.Value.CertificateFile is not null)
        {
            var certificate = services.GetRequiredService<GatewayCertificate>();
            listener.Protocols = HttpProtocols.Http1;
            listener.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = options.Value.JoinTimeout,
                OnConnection = _ => ValueTask.FromResult(certificate.Current),
            });
        }

        listener.UseConnectionHandler<GatewayHandler>();
    }

    /// <summary>Every connection ends with the <see cref="GatewayHandler"/>, so that no HTTP request gets this far.</summary>
    private sealed class NoHttp : IHttpApplication<IFeatureCollection>
    {
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public Task ProcessRequestAsync(IFeatureCollection context) => throw new NotSupportedException();

        public void DisposeContext(IFeatureCollection context, Exception? exception)
        {
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.GatewayListening, LogLevel.Information, "The gateway to the matches listens on port {Port}")]
        public static partial void Listening(ILogger logger, int port);

        [LoggerMessage(EventIds.GatewayDraining, LogLevel.Information,
            "Waiting up to {DrainSeconds} s for {Connections} players of live matches to end their connections")]
        public static partial void Draining(ILogger logger, int connections, double drainSeconds);

        [LoggerMessage(EventIds.GatewayCut, LogLevel.Warning, "The drain's time is up; cutting {Connections} players' connections")]
        public static partial void Cut(ILogger logger, int connections);
    }
}
