using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace GameStack.Proxy.Gateway;

/// <summary>
/// A player's connection to the gateway's port. Its first line is <c>JOIN &lt;ticket&gt;</c>; all bytes, that line too, go to the game
/// server that the ticket names. A refused player gets <c>DENIED &lt;reason&gt;</c>.
/// </summary>
internal sealed class GatewayHandler(PlayerRoute route, IOptions<GatewayOptions> options, TimeProvider time)
    : ConnectionHandler
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var player = PeerOf(connection, out var kind);
        if (connection.Features.Get<GatewayPlace>() is not { } place)
        {
            await route.RefuseAsync(player, Refusals.Full);
            return;
        }

        // Nothing that comes before the game is kept while it is played.
        if (await ReadOpeningAsync(connection, player) is { Length: > 0 } opening
            && await route.FindServerAsync(player, opening, place) is { } server)
        {
            await route.CarryAsync(player, server, kind);
        }
    }

    private static IPeer PeerOf(ConnectionContext connection, out string kind)
    {
        var socket = connection.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
        var tls = connection.Features.Get<ISslStreamFeature>();
        kind = tls is null ? "tcp" : "tls";
        return tls is null ? new SocketPeer(socket) : new TlsPeer(tls.SslStream, socket);
    }

    /// <summary>Empty when the player has left, or was too slow.</summary>
    private async Task<byte[]> ReadOpeningAsync(ConnectionContext connection, IPeer player)
    {
        using var limit = new CancellationTokenSource(options.Value.JoinTimeout, time);
        try
        {
            return await Opening.ReadAsync(connection.Transport.Input, limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            await route.RefuseAsync(player, Refusals.TimedOut);
        }
        catch (Exception e) when (IPeer.MeansLoss(e))
        {
            // The player has left.
        }

        return [];
    }
}
