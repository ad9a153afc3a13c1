namespace GameStack.LoadTester.Run;

/// <summary>What one run of the load tester does.</summary>
public sealed record LoadSettings
{
    public int Clients { get; init; } = 50;

    /// <summary>Where <c>/api/match/…</c> is; without a slash at its end.</summary>
    public Uri TargetUrl { get; init; } = new("http://localhost:8080");

    /// <summary>What a player asks the game server for, in seconds.</summary>
    public double MatchDuration { get; init; } = 30;

    /// <summary>Clients started per second; 0 starts all at once.</summary>
    public double SpawnRate { get; init; }

    /// <summary>Connected to in the place of the host that a match names; null to take the match at its word.</summary>
    public string? GameServerHostOverride { get; init; }

    public FollowMode Follow { get; init; } = FollowMode.Wait;

    /// <summary>How long after its join a player waits for a match.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether standard output carries the summary as JSON and nothing else.</summary>
    public bool JsonOutput { get; init; }

    /// <summary>A file that gets the summary as JSON too; null for none.</summary>
    public string? JsonFile { get; init; }
}
