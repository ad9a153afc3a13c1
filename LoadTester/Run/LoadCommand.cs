using System.CommandLine;
using System.Diagnostics.CodeAnalysis;

namespace GameStack.LoadTester.Run;

/// <summary>The command line and the environment variables, and how they become <see cref="LoadSettings"/>.</summary>
internal sealed class LoadCommand
{
    private readonly Setting<int?> _clients = new(
        "--clients", "count", "Players to start [CLIENTS, default 50]",
        "CLIENTS", "a whole number from 1 to 1000000", SettingText.Count);

    private readonly Setting<Uri> _url = new(
        "--url", "url", "Where the match API is, without /api [TARGET_URL, default http://localhost:8080]",
        "TARGET_URL", "an http or https URL", SettingText.HttpUrl);

    private readonly Setting<double?> _matchDuration = new(
        "--match-duration", "seconds", "Length of the match that each player asks for [MATCH_DURATION, default 30]",
        "MATCH_DURATION", "a number of seconds from 0.001 to 86400", text => SettingText.Number(text, least: 0.001, most: 86_400));

    private readonly Setting<double?> _spawnRate = new(
        "--spawn-rate", "per-second", "Players started per second, 0 for all at once [SPAWN_RATE, default 0]",
        "SPAWN_RATE", "a number of clients per second from 0 to 100000", text => SettingText.Number(text, least: 0, most: 100_000));

    private readonly Setting<string?> _gameServerHost = new(
        "--game-server-host", "host", "Connect to this host in the place of the one that a match names [GAME_SERVER_HOST_OVERRIDE]",
        "GAME_SERVER_HOST_OVERRIDE", "a host name or an address", SettingText.Host);

    private readonly Setting<FollowMode?> _follow = new(
        "--follow", "poll|wait|events",
        "How a waiting player learns of its match: asks every 0.5 s, asks with a long poll, or holds a stream of server-sent events [default wait]",
        null, "poll, wait or events", text => SettingText.OneOf<FollowMode>(text));

    private readonly Setting<double?> _giveUp = new(
        "--give-up", "seconds", "How long a player waits for a match [default 60]",
        null, "a number of seconds from 0.001 to 86400", text => SettingText.Number(text, least: 0.001, most: 86_400));

    private readonly Setting<OutputFormat?> _output = new(
        "--output", "text|json", "json: standard output carries the summary as JSON and nothing else [default text]",
        null, "text or json", text => SettingText.OneOf<OutputFormat>(text));

    private readonly Setting<string?> _json = new(
        "--json", "file", "Write the summary as JSON to this file too",
        null, "a file name", SettingText.Path);

    public LoadCommand()
    {
        Root = new RootCommand(
            """
            Players that are not there: each joins the queue, follows its status until it is matched, connects to its game server,
            requests the match, plays until it stops and ends it. An option wins over the environment variable of the same setting.

            Exit code: 0 when every player played, 1 when one failed, 2 for bad settings, 130 when interrupted.
            """)
        {
            _clients.Option, _url.Option, _matchDuration.Option, _spawnRate.Option, _gameServerHost.Option,
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
            Follow = follow!.Value,
            GiveUpAfter = TimeSpan.FromSeconds(giveUp!.Value),
            JsonOutput = output == OutputFormat.Json,
            JsonFile = json,
        };
        return true;
    }
}
