using System.Buffers;
using System.Net;
using GameStack.ServiceDefaults.Timing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;

namespace GameStack.Proxy.Listening.ProxyProtocol;

/// <summary>
/// Replaces the address of a load balancer with its client's. On the ports of <see cref="ProxyProtocolOptions"/>, each connection from
/// <c>TrustedProxies</c> has to begin with a PROXY header, and is closed otherwise: if the header were optional, a client could send one
/// itself. A connection from elsewhere is taken as it is, and a PROXY header on it is not believed.
/// </summary>
internal sealed partial class ProxyProtocolConnections(
    ConnectionDelegate next,
    IOptions<ProxyProtocolOptions> options,
    IOptions<ForwardedHeadersOptions> trusted,
    TimeProvider time,
    ILogger<ProxyProtocolConnections> logger)
{
    /// <summary>A load balancer sends the header as soon as it has connected.</summary>
    private static readonly TimeSpan HeaderTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Each connection of a load balancer that is set up wrongly is refused, so only some are logged.</summary>
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly IReadOnlySet<int> _ports = options.Value.ReadPorts() ?? new HashSet<int>();
    private long _nextLog;

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        if (!IsFromLoadBalancer(connection) || await TryReadHeaderAsync(connection))
            await next(connection);
    }

    private bool IsFromLoadBalancer(ConnectionContext connection)
    {
        if (connection.LocalEndPoint is not IPEndPoint { Port: var port } || !_ports.Contains(port)
            || connection.RemoteEndPoint is not IPEndPoint { Address: var address })
        {
            return false;
        }

        var sender = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return trusted.Value.KnownIPNetworks.Any(network => network.Contains(sender));
    }

    private async Task<bool> TryReadHeaderAsync(ConnectionContext connection)
    {
        var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var limit = new TimeLimit(HeaderTimeout, time, closing);
        try
        {
            while (true)
            {
                var read = await connection.Transport.Input.ReadAsync(limit.Token);
                switch (Parse(read.Buffer, out var header))
                {
                    case ProxyHeaderState.Complete:
                        connection.Transport.Input.AdvanceTo(read.Buffer.GetPosition(header.Length));
                        connection.RemoteEndPoint = header.Client ?? connection.RemoteEndPoint;
                        return true;
                    case ProxyHeaderState.Incomplete when !read.IsCompleted:
                        connection.Transport.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                        break;
                    default:
                        // Some health checks only connect; there is nothing wrong with these.
                        if (!read.Buffer.IsEmpty)
                            LogRefused(connection);
                        connection.Transport.Input.AdvanceTo(read.Buffer.End);
                        return false;
                }
            }
        }
        catch (OperationCanceledException)
        {
            if (limit.HasExpired)
                LogRefused(connection);
            return false;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static ProxyHeaderState Parse(in ReadOnlySequence<byte> buffer, out ProxyHeader header)
    {
        var bytes = buffer.Slice(0, Math.Min(buffer.Length, ProxyHeaderParser.MaxBytes));
        return ProxyHeaderParser.Parse(bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray(), out header);
    }

    private void LogRefused(ConnectionContext connection)
    {
        var (now, due) = (time.GetTimestamp(), Interlocked.Read(ref _nextLog));
        var following = now + (long)(LogInterval.TotalSeconds * time.TimestampFrequency);
        if (now >= due && Interlocked.CompareExchange(ref _nextLog, following, due) == due)
            Log.NoProxyHeader(logger, connection.RemoteEndPoint);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.NoProxyHeader, LogLevel.Warning,
            "Closed a connection from {LoadBalancer}, which is in TrustedProxies: it did not begin with a valid PROXY header.")]
        public static partial void NoProxyHeader(ILogger logger, EndPoint? loadBalancer);
    }
}
