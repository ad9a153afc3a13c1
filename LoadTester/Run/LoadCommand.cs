using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using GameStack.LoadTester.Stack;
using GameStack.ServiceDefaults.Settings;

namespace GameStack.LoadTester.Run;

/// <summary>The command line and the environment variables, and how they become <see cref="LoadSettings"/>.</summary>
internal sealed class LoadCommand
{
    private readonly Setting<int?> _clients = new(
        "--clients", "count", "Simulated players to start [CLIENTS, default 50]",
        "CLIENTS", "a whole number from 1 to 1000000", SettingText.Count);

    private readonly Setting<Uri> _url = new(
        "--url", "url", "Address of the match API, without /api [TARGET_URL, default http://localhost:8080]",
        "TARGET_URL", "an http:// or https:// URL", SettingText.Url);

    private readonly Setting<double?> _matchDuration = new(
        "--match-duration", "seconds", "Length of the match that each player requests [MATCH_DURATION, default 30]",
        "MATCH_DURATION", "a number of seconds from 0.001 to 86400", text => SettingText.Number(text, least: 0.001, most: 86_400));

    private readonly Setting<double?> _spawnRate = new(
        "--spawn-rate", "per-second", "Players started per second, 0 for all at once [SPAWN_RATE, default 0]",
        "SPAWN_RATE", "a number of players per second from 0 to 100000", text => SettingText.Number(text, least: 0, most: 100_000));

    private readonly Setting<string?> _gameServerHost = new(
        "--game-server-host", "host", "Host to connect to instead of the host that a match names [GAME_SERVER_HOST_OVERRIDE]",
        "GAME_SERVER_HOST_OVERRIDE", "a host name or an IP address, without a port", HostAddressAttribute.TryParse);

    private readonly Setting<PlayThrough?> _through = new(
        "--through", "direct|gateway|websocket",
        "How players reach their game servers: at the address of the match, through the gateway's port, or through its WebSocket "
            + "[PLAY_THROUGH, default gateway if its address is given, otherwise direct]",
        "PLAY_THROUGH", "direct, gateway or websocket", text => SettingText.OneOf<PlayThrough>(text));

    private readonly Setting<GatewayAddress?> _gateway = new(
        "--gateway", "host:port",
        "The gateway's address, or tls://host:port where it has a certificate for this host "
            + "[GATEWAY_ADDRESS, default the host of --url and port 7777]",
        "GATEWAY_ADDRESS", "host:port or tls://host:port", SettingText.Address);

    private readonly Setting<string?> _jwtKeyFile = new(
        "--jwt-key-file", "file", "Private key that signs a token for each player (P-256, PEM), where players need one [JWT_KEY_FILE]",
        "JWT_KEY_FILE", "a readable file with one private key (P-256, PEM)", PlayerTokens.KeyFile);

    private readonly Setting<string?> _jwtIssuer = new(
        "--jwt-issuer", "text", "Issuer of these tokens [JWT_ISSUER, default gamestack-load-tester]",
        "JWT_ISSUER", "text that is not empty", SettingText.Path);

    private readonly Setting<string?> _jwtAudience = new(
        "--jwt-audience", "text", "Audience of these tokens [JWT_AUDIENCE, default gamestack]",
        "JWT_AUDIENCE", "text that is not empty", SettingText.Path);

    private readonly Setting<FollowMode?> _follow = new(
        "--follow", "poll|wait|events",
        "How a waiting player learns about its match: by asking every 0.5 s, by long polls, or by server-sent events [default wait]",
        null, "poll, wait or events", text => SettingText.OneOf<FollowMode>(text));

    private readonly Setting<double?> _giveUp = new(
        "--give-up", "seconds",
        "How long a player waits for a match, and later for the answer to the call that ends the match, repeated calls included "
            + "[default 60]",
        null, "a number of seconds from 0.001 to 86400", text => SettingText.Number(text, least: 0.001, most: 86_400));

    private readonly Setting<OutputFormat?> _output = new(
        "--output", "text|json", "With json, standard output contains only the summary, as JSON [default text]",
        null, "text or json", text => SettingText.OneOf<OutputFormat>(text));

    private readonly Setting<string?> _json = new(
        "--json", "file", "Also write the summary to this file, as JSON",
        null, "a file name", SettingText.Path);

    public LoadCommand()
    {
        Root = new RootCommand(
            """
            Runs simulated players. Each player joins the queue, waits for a match, connects to its game server, requests the match,
            plays until the match stops, and ends it. An option overrides the environment variable of the same setting.

            Exit code: 0 if every player played; 1 if a player failed, or the file of --json could not be written; 104 if a setting is
            wrong; 130 if the run was interrupted.
            """)
        {
            _clients.Option, _url.Option, _matchDuration.Option, _spawnRate.Option, _gameServerHost.Option,
            _through.Option, _gateway.Option, _jwtKeyFile.Option, _jwtIssuer.Option, _jwtAudience.Option,
            _follow.Option, _giveUp.Option, _output.Option, _json.Option,
        };
    }

    public RootCommand Root { get; }

    /// <summary>Returns false with one line that says what is wrong.</summary>
    public bool TryRead(
        ParseResult options,
        Func<string, string?> environment,
        [NotNullWhen(true)] out LoadSettings? settings,
        [NotNullWhen(false)] out string? error)
    {
        settings = null;
        error = options.Errors.Count > 0 ? options.Errors[0].Message : null;
        if (error is not null)
        {
            return false;
        }

        var defaults = new LoadSettings();
        if (!_clients.TryRead(options, environment, defaults.Clients, out var clients, out error)
            || !_url.TryRead(options, environment, defaults.TargetUrl, out var url, out error)
            || !_matchDuration.TryRead(options, environment, defaults.MatchDuration, out var matchDuration, out error)
            || !_spawnRate.TryRead(options, environment, defaults.SpawnRate, out var spawnRate, out error)
            || !_gameServerHost.TryRead(options, environment, null, out var gameServerHost, out error)
            || !_gateway.TryRead(options, environment, null, out var gateway, out error)
            || !_through.TryRead(
                options, environment, gateway is null ? defaults.Through : PlayThrough.Gateway, out var through, out error)
            || !_jwtKeyFile.TryRead(options, environment, null, out var jwtKeyFile, out error)
            || !_jwtIssuer.TryRead(options, environment, defaults.JwtIssuer, out var jwtIssuer, out error)
            || !_jwtAudience.TryRead(options, environment, defaults.JwtAudience, out var jwtAudience, out error)
            || !_follow.TryRead(options, environment, defaults.Follow, out var follow, out error)
            || !_giveUp.TryRead(options, environment, defaults.GiveUpAfter.TotalSeconds, out var giveUp, out error)
            || !_output.TryRead(options, environment, OutputFormat.Text, out var output, out error)
            || !_json.TryRead(options, environment, null, out var json, out error))
        {
            return false;
        }

        settings = new LoadSettings
        {
            Clients = clients!.Value,
            TargetUrl = url,
            MatchDuration = matchDuration!.Value,
            SpawnRate = spawnRate!.Value,
            GameServerHostOverride = gameServerHost,
            Through = through!.Value,
            Gateway = gateway,
            JwtKeyFile = jwtKeyFile,
            JwtIssuer = jwtIssuer!,
            JwtAudience = jwtAudience!,
            Follow = follow!.Value,
            GiveUpAfter = TimeSpan.FromSeconds(giveUp!.Value),
            JsonOutput = output == OutputFormat.Json,
            JsonFile = json,
        };
        return true;
    }
}
