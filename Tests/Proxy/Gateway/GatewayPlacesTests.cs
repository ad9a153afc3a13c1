using System.Net;
using GameStack.Tests.Proxy.Listening.ProxyProtocol;
using GameStack.Tests.Support;
using LocalServers;

namespace GameStack.Tests.Proxy.Gateway;

public sealed class GatewayPlacesTests
{
    [Fact]
    public async Task Strangers_who_say_nothing_keep_no_player_out()
    {
        await using var gateway = await RunningGateway.StartAsync("Gateway:MaxConnections=4");
        await using var strangers = new Crowd();
        for (var connection = 0; connection < 12; connection++)
        {
            strangers.Add(await gateway.ConnectAsync());
        }

        var (player, server) = await gateway.JoinAsync();
        await using (player)
        await using (server)
        {
            Assert.Empty(await FirstEndAsync(strangers));
        }
    }

    [Fact]
    public async Task Players_are_not_displaced()
    {
        await using var gateway = await RunningGateway.StartAsync("Gateway:MaxConnections=2");
        var (player, server) = await gateway.JoinAsync();
        await using (player)
        await using (server)
        {
            await using var strangers = new Crowd();
            for (var connection = 0; connection < 8; connection++)
            {
                strangers.Add(await gateway.ConnectAsync());
            }

            Assert.Empty(await FirstEndAsync(strangers));
            await player.SendLineAsync("GET_STATE");
            Assert.Equal("GET_STATE", await server.ReadLineAsync());
        }
    }

    [Fact]
    public async Task An_address_that_hurries_displaces_only_its_own_connections()
    {
        var port = FreePort.Next();
        await using var gateway = await RunningGateway.StartAsync(
            "Gateway:MaxConnections=8", "Gateway:MaxConnectionsPerAddress=0", "Gateway:JoinTimeout=00:01:00",
            $"Gateway:Port={port}", $"ProxyProtocol:Ports={port}", "TrustedProxies=127.0.0.0/8");
        await using var player = await ConnectAsync(gateway, "203.0.113.7");
        await using var strangers = new Crowd();
        for (var connection = 0; connection < 30; connection++)
        {
            strangers.Add(await ConnectAsync(gateway, "203.0.113.8"));
        }

        await foreach (var end in Task.WhenEach(strangers.Select(stranger => stranger.ReadToEndAsync())).Take(10))
        {
            Assert.Empty(await end);
        }

        var line = $"JOIN {gateway.Ticket()}";
        await player.SendLineAsync(line);
        await using var server = await gateway.Server.AcceptedAsync();
        Assert.Equal(line, await server.ReadLineAsync());
    }

    [Fact]
    public async Task A_small_gateway_does_not_belong_to_one_address()
    {
        await using var gateway = await RunningGateway.StartAsync("Gateway:MaxConnections=4", "RateLimit:LimitLoopback=true");
        var (player, server) = await gateway.JoinAsync();
        await using (player)
        await using (server)
        {
            await using var second = await gateway.ConnectAsync();
            Assert.Equal(["DENIED full"], await second.ReadToEndAsync());
        }
    }

    /// <summary>Connections that are opened at nearly the same time need not be accepted in their order.</summary>
    private static async Task<string[]> FirstEndAsync(Crowd strangers) =>
        await await Task.WhenAny(strangers.Select(stranger => stranger.ReadToEndAsync()));

    /// <summary>A client at that address, behind a load balancer.</summary>
    private static async Task<LineClient> ConnectAsync(RunningGateway gateway, string address)
    {
        var client = await gateway.ConnectAsync();
        await client.SendAsync(TestHeaders.Binary(new IPEndPoint(IPAddress.Parse(address), 51234)));
        return client;
    }

    private sealed class Crowd : List<LineClient>, IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var client in this)
            {
                await client.DisposeAsync();
            }
        }
    }
}
