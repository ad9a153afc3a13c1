using GameStack.Backend.GameServers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.GameServers;

public sealed class GameServerFleetExtensionsTests
{
    [Fact]
    public void An_unknown_fleet_is_named()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("GameServers:Fleet", "Balloons")]);

        var failure = Assert.Throws<InvalidOperationException>(() => builder.AddGameServerFleet());

        Assert.Contains("'Balloons'", failure.Message);
    }

    [Theory]
    [InlineData("GameServers:AssignTimeout", "00:00:00")]
    [InlineData("GameServers:AllocationTimeout", "00:00:00")]
    [InlineData("GameServers:WatchPeriod", "00:00:00")]
    [InlineData("GameServers:WatchTimeout", "00:00:00")]
    [InlineData("GameServers:LongestMatch", "00:00:00")]
    [InlineData("GameServers:LongestMatch", "1.00:00:01")]
    [InlineData("GameServers:OverrunGrace", "-00:00:01")]
    [InlineData("GameServers:Standby", "-1")]
    [InlineData("GameServers:Standby", "1001")]
    [InlineData("GameServers:MaxServers", "0")]
    [InlineData("GameServers:StartTimeout", "00:00:00")]
    [InlineData("GameServers:StopTimeout", "00:00:00")]
    [InlineData("GameServers:DrainSeconds", "-1")]
    public Task A_setting_of_the_process_fleet_that_makes_no_sense_is_named_at_the_start(string name, string value) =>
        FailToStartAsync(name, (name, value));

    [Theory]
    [InlineData("GameServers:RouteTimeout", "GameServers:RouteTimeout", "00:00:00")]
    [InlineData("GameServers:FirstHostPort", "GameServers:FirstHostPort", "8000")]
    [InlineData("GameServers:LastHostPort", "GameServers:LastHostPort", "65536")]
    [InlineData("GameServers:ControlKeyFile", "GameServers:ControlKeyFile", "/nowhere/key.pem")]
    [InlineData("GameServers:Exposure=PodIp", "GAME_SERVER_CONNECT_HOST", "play.example.com")]
    public Task A_setting_of_the_Kubernetes_fleet_that_makes_no_sense_is_named_at_the_start(string named, string name, string value) =>
        FailToStartAsync(named, ("GameServers:Fleet", "Kubernetes"), (name, value));

    private static async Task FailToStartAsync(string named, params (string, string)[] settings)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => FleetHost.StartAsync(settings: settings));
        Assert.Contains(Failures(failure), message => message.Contains(named, StringComparison.Ordinal));

        // Several options of one host can fail at once.
        static IEnumerable<string> Failures(Exception exception) => exception is AggregateException all
            ? all.InnerExceptions.SelectMany(Failures)
            : Assert.IsType<OptionsValidationException>(exception).Failures;
    }
}
