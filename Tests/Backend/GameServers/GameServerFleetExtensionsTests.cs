using GameStack.Backend.GameServers;
using GameStack.Contracts.Settings;
using GameStack.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace GameStack.Tests.Backend.GameServers;

public sealed class GameServerFleetExtensionsTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Fleet", "Balloons")]
    [InlineData("Fleet", "1")]
    [InlineData("AssignTimeout", "00:00:00")]
    [InlineData("AllocationTimeout", "00:00:00")]
    [InlineData("WatchPeriod", "00:00:00")]
    [InlineData("WatchTimeout", "5")]
    [InlineData("LongestMatch", "00:00:00")]
    [InlineData("LongestMatch", "1.00:00:01")]
    [InlineData("OverrunGrace", "-00:00:01")]
    [InlineData("Program", "/nowhere/GameServer")]
    [InlineData("Standby", "-1")]
    [InlineData("Standby", "1001")]
    [InlineData("MaxServers", "0")]
    [InlineData("StartTimeout", "00:00:00")]
    [InlineData("StopTimeout", "00:00:00")]
    [InlineData("DrainSeconds", "-1")]
    [InlineData("Tickets", "Required")]
    [InlineData("ReconnectSeconds", "0")]
    public void A_wrong_setting_of_the_process_fleet_is_named(string name, string value) =>
        Refuse($"GameServers__{name} is \"{value}\"; expected ", ($"GameServers:{name}", value));

    [Theory]
    [InlineData("Exposure", "Ingress")]
    [InlineData("RouteTimeout", "00:00:00")]
    [InlineData("FirstHostPort", "8000")]
    [InlineData("LastHostPort", "65536")]
    [InlineData("ControlKeyFile", "/nowhere/key.pem")]
    public void A_wrong_setting_of_the_Kubernetes_fleet_is_named(string name, string value) => Refuse(
        $"GameServers__{name} is \"{value}\"; expected ", ("GameServers:Fleet", "Kubernetes"), ($"GameServers:{name}", value));

    [Theory]
    [InlineData("play.example.com:7777")]
    [InlineData("0.0.0.0")]
    [InlineData("[fe80::1%eth0]")]
    public void A_host_that_no_player_can_connect_to_is_named(string host) =>
        Refuse($"GAME_SERVER_CONNECT_HOST is \"{host}\"; expected ", ("GAME_SERVER_CONNECT_HOST", host));

    [Fact]
    public void A_host_for_players_contradicts_the_pods_own_addresses() => Refuse(
        "GAME_SERVER_CONNECT_HOST is \"play.example.com\"; expected no value ",
        ("GameServers:Fleet", "kubernetes"), ("GAME_SERVER_CONNECT_HOST", "play.example.com"));

    [Fact]
    public void A_gateway_needs_an_address_and_tickets()
    {
        const string Wrong = "GameServers__Exposure is \"Gateway\"; expected ";
        (string, string)[] exposure = [("GameServers:Fleet", "Kubernetes"), ("GameServers:Exposure", "Gateway")];

        Refuse($"{Wrong}Gateway__PublicHost", exposure);
        Refuse($"{Wrong}Tickets__KeyFile", [.. exposure, ("Gateway:PublicHost", "play.example.com")]);
        Refuse("Gateway__PublicHost is \"0.0.0.0\"; expected ", [.. exposure, ("Gateway:PublicHost", "0.0.0.0")]);
    }

    [Fact]
    public void The_Kubernetes_fleet_needs_a_key()
    {
        Refuse("GameServers__ControlKeyFile is not set; ", ("GameServers:Fleet", "Kubernetes"));

        var file = Path.Combine(_folder.Path, "key.pem");
        File.WriteAllText(file, "secret");
        Refuse($"GameServers__ControlKeyFile is \"{file}\"; ", ("GameServers:Fleet", "Kubernetes"), ("GameServers:ControlKeyFile", file));
    }

    private static void Refuse(string expected, params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        var wrong = Assert.Throws<SettingException>(() => builder.AddGameServerFleet());
        Assert.StartsWith(expected, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", wrong.Message, StringComparison.Ordinal);
    }
}
