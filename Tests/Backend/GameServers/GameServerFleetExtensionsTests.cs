using GameStack.Backend.GameServers;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.GameServers;

public sealed class GameServerFleetExtensionsTests
{
    [Fact]
    public void A_fleet_that_there_is_not_is_named()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("GameServers:Fleet", "Balloons")]);

        var failure = Assert.Throws<InvalidOperationException>(() => builder.AddGameServerFleet());

        Assert.Contains("'Balloons'", failure.Message);
    }

    [Theory]
    [InlineData("GameServers:Standby", "-1")]
    [InlineData("GameServers:Standby", "1001")]
    [InlineData("GameServers:MaxServers", "0")]
    [InlineData("GameServers:StopTimeout", "00:00:00")]
    public async Task Settings_that_make_no_sense_stop_the_host_from_starting(string name, string value) =>
        await Assert.ThrowsAsync<OptionsValidationException>(() => FleetHost.StartAsync(settings: (name, value)));
}
