namespace GameStack.Tests.Proxy.Gateway;

public sealed class GatewayPlacesTests
{
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
}
