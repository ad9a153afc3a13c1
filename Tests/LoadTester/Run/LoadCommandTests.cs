using GameStack.LoadTester.Run;

namespace GameStack.Tests.LoadTester.Run;

public sealed class LoadCommandTests
{
    [Fact]
    public void Without_settings_the_contracts_defaults_hold()
    {
        var settings = Read([]);

        Assert.Equal(50, settings.Clients);
        Assert.Equal(new Uri("http://localhost:8080"), settings.TargetUrl);
        Assert.Equal(30, settings.MatchDuration);
        Assert.Equal(0, settings.SpawnRate);
        Assert.Null(settings.GameServerHostOverride);
        Assert.Equal(PlayThrough.Direct, settings.Through);
        Assert.Null(settings.Gateway);
        Assert.Null(settings.JwtKeyFile);
        Assert.Equal(FollowMode.Wait, settings.Follow);
        Assert.Equal(TimeSpan.FromSeconds(60), settings.GiveUpAfter);
        Assert.False(settings.JsonOutput);
        Assert.Null(settings.JsonFile);
    }

    [Fact]
    public void The_environment_sets_what_the_contract_names()
    {
        var settings = Read(
            [],
            ("CLIENTS", "7"), ("TARGET_URL", "https://play.example:8443/game/"), ("MATCH_DURATION", "2.5"), ("SPAWN_RATE", "0.5"),
            ("GAME_SERVER_HOST_OVERRIDE", "10.0.0.7"), ("PLAY_THROUGH", "websocket"), ("GATEWAY_ADDRESS", "play.example:7777"));

        Assert.Equal(7, settings.Clients);
        Assert.Equal("https://play.example:8443/game", settings.TargetUrl.AbsoluteUri);
        Assert.Equal(2.5, settings.MatchDuration);
        Assert.Equal(0.5, settings.SpawnRate);
        Assert.Equal("10.0.0.7", settings.GameServerHostOverride);
        Assert.Equal(PlayThrough.WebSocket, settings.Through);
        Assert.Equal(new GatewayAddress("play.example", 7777), settings.Gateway);
    }

    [Fact]
    public void Options_set_everything()
    {
        var settings = Read(
        [
            "--clients", "9", "--url", "http://proxy:81", "--match-duration", "4", "--spawn-rate", "100", "--game-server-host", "[::1]",
            "--through", "gateway", "--gateway", "tls://[::1]:82", "--follow", "events", "--give-up", "12.5",
            "--output", "json", "--json", "summary.json",
        ]);

        Assert.Equal(
            new LoadSettings
            {
                Clients = 9,
                TargetUrl = new Uri("http://proxy:81"),
                MatchDuration = 4,
                SpawnRate = 100,
                GameServerHostOverride = "::1",
                Through = PlayThrough.Gateway,
                Gateway = new GatewayAddress("::1", 82, HasTls: true),
                Follow = FollowMode.Events,
                GiveUpAfter = TimeSpan.FromSeconds(12.5),
                JsonOutput = true,
                JsonFile = "summary.json",
            },
            settings);
    }

    [Fact]
    public void With_the_gateways_address_players_go_through_the_gateway_unless_another_way_is_given()
    {
        var address = ("GATEWAY_ADDRESS", "play.example:7777");

        Assert.Equal(PlayThrough.Gateway, Read(["--gateway", "play.example:7777"]).Through);
        Assert.Equal(PlayThrough.Gateway, Read([], address).Through);
        Assert.Equal(PlayThrough.Direct, Read(["--through", "direct"], address).Through);
        Assert.Equal(PlayThrough.Direct, Read([], address, ("PLAY_THROUGH", "direct")).Through);
    }

    [Fact]
    public void An_option_wins_over_the_environment_even_where_that_is_wrong()
    {
        Assert.Equal(3, Read(["--clients", "3"], ("CLIENTS", "4")).Clients);
        Assert.Equal(3, Read(["--clients", "3"], ("CLIENTS", "many")).Clients);
    }

    [Fact]
    public void An_empty_variable_counts_as_not_set()
    {
        Assert.Equal(50, Read([], ("CLIENTS", ""), ("GAME_SERVER_HOST_OVERRIDE", "")).Clients);
    }

    [Theory]
    [InlineData("--through", "tunnel")]
    [InlineData("--gateway", "play.example")]
    [InlineData("--gateway", "play.example:0")]
    [InlineData("--gateway", "tls://play.example")]
    [InlineData("--gateway", "tcp://play.example:7777")]
    [InlineData("--clients", "0")]
    [InlineData("--clients", "-1")]
    [InlineData("--clients", "1.5")]
    [InlineData("--clients", "1000001")]
    [InlineData("--url", "localhost:8080")]
    [InlineData("--url", "ftp://localhost")]
    [InlineData("--url", "http://localhost?a=b")]
    [InlineData("--match-duration", "0")]
    [InlineData("--match-duration", "86401")]
    [InlineData("--match-duration", "NaN")]
    [InlineData("--match-duration", "1e3")]
    [InlineData("--spawn-rate", "-1")]
    [InlineData("--spawn-rate", "fast")]
    [InlineData("--game-server-host", "host:80")]
    [InlineData("--game-server-host", "")]
    [InlineData("--follow", "guess")]
    [InlineData("--follow", "1")]
    [InlineData("--give-up", "0")]
    [InlineData("--jwt-key-file", "/no/such/key")]
    [InlineData("--output", "xml")]
    [InlineData("--json", "")]
    public void A_bad_value_is_named_with_its_option(string option, string value)
    {
        Assert.StartsWith($"{option} is \"{value}\"; expected ", ReadError([option, value]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CLIENTS", "none")]
    [InlineData("TARGET_URL", "8080")]
    [InlineData("MATCH_DURATION", "-5")]
    [InlineData("SPAWN_RATE", "1/s")]
    [InlineData("GAME_SERVER_HOST_OVERRIDE", "a b")]
    public void A_bad_value_is_named_with_its_variable(string variable, string value)
    {
        Assert.StartsWith($"{variable} is \"{value}\"; expected ", ReadError([], (variable, value)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--cleints", "5")]
    [InlineData("--clients")]
    [InlineData("5")]
    public void What_is_no_option_is_an_error_of_one_line(params string[] args)
    {
        Assert.DoesNotContain('\n', ReadError(args));
    }

    private static LoadSettings Read(string[] args, params (string Name, string Value)[] variables)
    {
        var command = new LoadCommand();
        Assert.True(command.TryRead(command.Root.Parse(args), Environment(variables), out var settings, out var error), error);
        return settings;
    }

    private static string ReadError(string[] args, params (string Name, string Value)[] variables)
    {
        var command = new LoadCommand();
        Assert.False(command.TryRead(command.Root.Parse(args), Environment(variables), out _, out var error));
        return error;
    }

    private static Func<string, string?> Environment((string Name, string Value)[] variables) =>
        name => variables.FirstOrDefault(variable => variable.Name == name).Value;
}
