using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using GameStack.Contracts.Tickets;
using GameStack.Proxy.Gateway.Listening;
using Microsoft.Extensions.Options;

namespace GameStack.Proxy.Gateway;

/// <summary>Connects to the game server that a ticket names, and to no other address.</summary>
internal sealed partial class ServerConnector(IOptions<GatewayOptions> options, TimeProvider time, ILogger<ServerConnector> logger)
{
    private static readonly TimeSpan WarningPeriod = TimeSpan.FromMinutes(1);

    private long _nextWarning = time.GetTimestamp();

    /// <summary>Null when the server cannot be reached.</summary>
    public async Task<SocketPeer?> ConnectAsync(MatchTicket ticket)
    {
        if (!TryParse(ticket.Address, out var address))
        {
            LogUnreachable(ticket, "This is no address.");
            return null;
        }

        var socket = GatewaySockets.Make();
        try
        {
            using var limit = new CancellationTokenSource(options.Value.ConnectTimeout, time);
            await socket.ConnectAsync(address, limit.Token);
            return new SocketPeer(socket);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            LogUnreachable(ticket, e.Message);
            return null;
        }
    }

    /// <summary>Reads <c>10.0.0.7:8080</c>, <c>[fd00::7]:8080</c> or <c>name:8080</c>.</summary>
    private static bool TryParse(string text, [NotNullWhen(true)] out EndPoint? address)
    {
        address = null;
        if (text.LastIndexOf(':') is not (> 0 and var colon)
            || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
        {
            return false;
        }

        address = IPAddress.TryParse(text.AsSpan(0, colon), out var ip) ? new IPEndPoint(ip, port) : new DnsEndPoint(text[..colon], port);
        return true;
    }

    /// <summary>A ticket outlives its match, and its player may come back with it as often as it likes.</summary>
    private void LogUnreachable(MatchTicket ticket, string reason)
    {
        var (now, due) = (time.GetTimestamp(), Interlocked.Read(ref _nextWarning));
        var following = now + (long)(WarningPeriod.TotalSeconds * time.TimestampFrequency);
        var isDue = now >= due && Interlocked.CompareExchange(ref _nextWarning, following, due) == due;
        Log.Unreachable(logger, isDue ? LogLevel.Warning : LogLevel.Debug, ticket.MatchId, ticket.Address, reason);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = EventIds.ServerUnreachable, Message =
            "Cannot reach the game server of match {MatchId} at {Address}; its player is refused: {Reason} " +
            "(Further ones within a minute are logged at level Debug)")]
        public static partial void Unreachable(ILogger logger, LogLevel level, Guid matchId, string address, string reason);
    }
}
