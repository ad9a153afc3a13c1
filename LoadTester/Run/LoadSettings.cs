namespace GameStack.LoadTester.Run;

/// <summary>What one run of the load tester does.</summary>
internal sealed record LoadSettings
{
    public int Clients { get; init; } = 50;

    /// <summary>The address that <c>/api/match/…</c> is appended to, without a trailing slash.</summary>
    public Uri TargetUrl { get; init; } = new("http://localhost:8080");

    /// <summary>The match length that a player requests from the game server, in seconds.</summary>
    public double MatchDuration { get; init; } = 30;

    /// <summary>Clients started per second; 0 starts all at once.</summary>
    public double SpawnRate { get; init; }

    /// <summary>The host to connect to instead of the host that a match names; null to use the match's host.</summary>
    public string? GameServerHostOverride { get; init; }

    public PlayThrough Through { get; init; } = PlayThrough.Direct;

    /// <summary>The gateway's address; null for port 7777 on the host of <see cref="TargetUrl"/>.</summary>
    public GatewayAddress? Gateway { get; init; }

    public FollowMode Follow { get; init; } = FollowMode.Wait;

    /// <summary>
    /// How long a player waits for a match, counted from its join, and then for the answer to the call that ends it.
    /// </summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A file with the private key that signs players' tokens (P-256, PEM); null for players without tokens.</summary>
    public string? JwtKeyFile { get; init; }

    public string JwtIssuer { get; init; } = "gamestack-load-tester";

    public string JwtAudience { get; init; } = "gamestack";

    /// <summary>Whether standard output contains the summary as JSON and nothing else.</summary>
    public bool JsonOutput { get; init; }

    /// <summary>A file to which the summary is also written, as JSON; null for none.</summary>
    public string? JsonFile { get; init; }
}
