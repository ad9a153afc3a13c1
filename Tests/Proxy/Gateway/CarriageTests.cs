using GameStack.Proxy.Gateway;
using GameStack.Proxy.Gateway.Listening;
using GameStack.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GameStack.Tests.Proxy.Gateway;

public sealed class CarriageTests
{
    /// <summary>Less than the minute for which a connection may stay open if its player is not silent.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(45);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silent_player_soon_loses_the_place_after_the_server_has_ended()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var (player, server) = await gateway.JoinAsync();
        await using (player)
        {
            await server.SendLineAsync("DENIED replayed");
            await server.DisposeAsync();
            Assert.Equal(["DENIED replayed"], await player.ReadToEndAsync());

            await HasNoConnectionAsync(gateway);
        }
    }

    [Fact]
    public async Task A_player_who_only_sends_soon_loses_the_place_after_the_server_has_ended()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var (player, server) = await gateway.JoinAsync();
        await using (player)
        {
            await server.DisposeAsync();
            var sending = SendUntilLostAsync(player);

            await HasNoConnectionAsync(gateway);
            await sending;
        }
    }

    [Fact]
    public async Task A_slow_player_gets_every_byte_of_a_server_that_has_ended()
    {
        const int Total = 192 * 1024;
        await using var gateway = await RunningGateway.StartAsync();
        await using var player = await LineClient.ConnectAsync(gateway.Proxy.GatewayPort, receiveBufferBytes: 16 * 1024);
        await player.SendLineAsync($"JOIN {gateway.Ticket()}");
        var server = await gateway.Server.AcceptedAsync();
        await server.ReadLineAsync();
        await server.SendAsync(new byte[Total]);
        await Eventually.IsAsync(
            "the gateway has all", _ => Task.FromResult(AcknowledgedBytes.Of(server.Socket) >= Total), Waits.Patient);
        await server.DisposeAsync();

        var buffer = new byte[8 * 1024];
        var received = 0;
        int count;
        do
        {
            // What it sends would reset a connection that was closed too early, and destroy what is on its way.
            await player.SendLineAsync("GET_STATE");
            await Task.Delay(TimeSpan.FromSeconds(0.2), Cancelled);
            count = await player.Socket.ReceiveAsync(buffer, Cancelled);
            received += count;
        }
        while (count > 0 && received < Total);

        Assert.Equal(Total, received);
    }

    private static Task HasNoConnectionAsync(RunningGateway gateway)
    {
        var places = gateway.Proxy.Services.GetRequiredService<GatewayPlaces>();
        return Eventually.IsAsync("the place is free", _ => Task.FromResult(places.Taken == 0), Soon);
    }

    private static async Task SendUntilLostAsync(LineClient player)
    {
        try
        {
            while (true)
            {
                await player.SendLineAsync("GET_STATE");
                await Task.Delay(TimeSpan.FromSeconds(0.2), Cancelled);
            }
        }
        catch (IOException)
        {
            // The gateway has closed the connection.
        }
    }
}
