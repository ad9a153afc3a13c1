namespace GameStack.Proxy.Gateway;

/// <summary>Carries bytes between a player and a game server, both ways, until both connections are closed.</summary>
internal sealed class Carriage(IPeer player, IPeer server, GatewayMetrics metrics, TimeProvider time)
{
    /// <summary>How long a player's connection may stay open after the server has closed its own.</summary>
    private static readonly TimeSpan AfterServer = TimeSpan.FromSeconds(60);

    public async Task RunAsync()
    {
        var toServer = ToServerAsync();
        await ToPlayerAsync();
        await toServer.WaitAsync(AfterServer, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Abort();
        await toServer;
    }

    /// <summary>If the server is lost, its last bytes still have to reach the player: the other direction ends by itself.</summary>
    private async Task ToServerAsync()
    {
        var lost = await new OneWay(player, server, metrics.CarriedToServer).RunAsync();
        if (lost == player)
            Abort();
        else if (lost == server)
            await player.DiscardAsync(CancellationToken.None);
    }

    private async Task ToPlayerAsync()
    {
        var lost = await new OneWay(server, player, metrics.CarriedToPlayer).RunAsync();
        if (lost == player)
            Abort();
        else if (lost == server)
            await player.TryEndAsync();
    }

    private void Abort()
    {
        player.Abort();
        server.Abort();
    }
}
