namespace GameStack.Proxy.Gateway;

/// <summary>Carries bytes between a player and a game server, both ways, until both connections are closed.</summary>
internal sealed class Carriage(IPeer player, IPeer server, LargeBuffers large, GatewayMetrics metrics, TimeProvider time)
{
    /// <summary>How long a player's connection may stay open after the server has closed its own.</summary>
    private static readonly TimeSpan AfterServer = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long of that the player may be silent: take none of the server's bytes, and send none that the server takes. A client that
    /// does not close its connection would otherwise keep a place for a match that it cannot play.
    /// </summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    private long _carriedToServer;

    public async Task RunAsync()
    {
        var toServer = ToServerAsync();
        try
        {
            await ToPlayerAsync();
            if (!toServer.IsCompleted)
                await WaitForPlayerAsync(toServer);
        }
        finally
        {
            Abort();
            await toServer;
        }
    }

    /// <summary>If the server is lost, its last bytes still have to reach the player: the other direction ends by itself.</summary>
    private async Task ToServerAsync()
    {
        var lost = await new OneWay(player, server, large, OnCarriedToServer).RunAsync();
        if (lost == player)
            Abort();
        else if (lost == server)
            await player.DiscardAsync(CancellationToken.None);
    }

    private async Task ToPlayerAsync()
    {
        var lost = await new OneWay(server, player, large, metrics.CarriedToPlayer).RunAsync();
        if (lost == player)
            Abort();
        else if (lost == server)
            await player.TryEndAsync();
    }

    private async Task WaitForPlayerAsync(Task toServer)
    {
        var start = time.GetTimestamp();
        (long, long) before, now = Progress();
        do
        {
            before = now;
            await toServer.WaitAsync(Silence, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            now = Progress();
        }
        while (!toServer.IsCompleted && now != before && time.GetElapsedTime(start) < AfterServer);
    }

    private (long Acknowledged, long Carried) Progress() => (player.BytesAcknowledged, Volatile.Read(ref _carriedToServer));

    private void OnCarriedToServer(int bytes)
    {
        Volatile.Write(ref _carriedToServer, _carriedToServer + bytes);
        metrics.CarriedToServer(bytes);
    }

    private void Abort()
    {
        player.Abort();
        server.Abort();
    }
}
