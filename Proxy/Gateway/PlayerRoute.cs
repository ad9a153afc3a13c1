using GameStack.Contracts.Tickets;

namespace GameStack.Proxy.Gateway;

/// <summary>A player's way to the game server that its ticket names.</summary>
internal sealed class PlayerRoute(
    ITicketCheck tickets, ServerConnector servers, LargeBuffers large, GatewayMetrics metrics, TimeProvider time)
{
    /// <summary>Connects to the player's server and passes the opening on. Returns null when the player is refused.</summary>
    /// <param name="player">The player.</param>
    /// <param name="opening">What the player has sent so far: its first line, which has the ticket, and perhaps more.</param>
    /// <param name="place">What the player needs once its ticket counts. The caller disposes of it.</param>
    public async Task<SocketPeer?> FindServerAsync(IPeer player, byte[] opening, GatewayPlace place)
    {
        if (!Opening.TryRead(opening, tickets, out var ticket, out var refusal))
        {
            await RefuseAsync(player, refusal.ToWord());
            return null;
        }

        if (!place.TryTake())
        {
            await RefuseAsync(player, Refusals.Full);
            return null;
        }

        if (await servers.ConnectAsync(ticket) is not { } server)
        {
            await RefuseAsync(player, Refusals.Unreachable);
            return null;
        }

        try
        {
            await server.WriteAsync(opening);
            metrics.CarriedToServer(opening.Length);
        }
        catch (Exception e) when (IPeer.MeansLoss(e))
        {
            // What the server has said before it closed the connection still goes to the player.
        }

        return server;
    }

    /// <summary>Carries bytes between the player and its server until both connections are closed.</summary>
    /// <param name="player">The player. The caller closes its connection.</param>
    /// <param name="server">See <see cref="FindServerAsync"/>.</param>
    /// <param name="kind">The kind of the connection, for the metrics.</param>
    public async Task CarryAsync(IPeer player, SocketPeer server, string kind)
    {
        metrics.Opened(kind);
        try
        {
            await new Carriage(player, server, large, metrics, time).RunAsync();
        }
        finally
        {
            metrics.Closed(kind);
        }
    }

    public Task RefuseAsync(IPeer player, string reason)
    {
        metrics.Refused(reason);
        return player.RefuseAsync(reason);
    }
}
