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
    /// <summary>Null when the server cannot be reached.</summary>
    public async Task<SocketPeer?> ConnectAsync(MatchTicket ticket)
    {
        if (!TryParse(ticket.Address, out var address))
        {
            Log.Unreachable(logger, ticket.MatchId, ticket.Address, "This is no address.");
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
            Log.Unreachable(logger, ticket.MatchId, ticket.Address, e.Message);
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

    private static partial class Log
    {
        [LoggerMessage(EventIds.ServerUnreachable, LogLevel.Warning,
            "Cannot reach the game server of match {MatchId} at {Address}; its player is refused: {Reason}")]
        public static partial void Unreachable(ILogger logger, Guid matchId, string address, string reason);
    }
}
