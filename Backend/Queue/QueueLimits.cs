namespace GameStack.Backend.Queue;

/// <summary>What every kind of queue keeps to.</summary>
internal static class QueueLimits
{
    /// <summary>Longer than any match can last: a day, the time to connect, and a margin.</summary>
    public static readonly TimeSpan LiveTimeToLive = TimeSpan.FromHours(25);

    /// <summary>How long the queue remembers a match's end; Postgres remembers it for longer.</summary>
    public static readonly TimeSpan EndedTimeToLive = TimeSpan.FromMinutes(30);

    /// <summary>How long joins are refused before memory serves: a short fault of Redis does not split the players.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>
    /// An outage that looks shorter than this to one backend is shorter than <see cref="Patience"/> to every other: each counts from its
    /// own last successful call, and sends a heartbeat at least once a second.
    /// </summary>
    public static readonly TimeSpan BriefOutage = TimeSpan.FromSeconds(1);

    /// <summary>After a match got no server, no match forms for this long. The pause doubles with each further such match.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);

    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    /// <summary>After this many matches in a row got no server, new players are refused during the pause.</summary>
    public const int FailuresUntilRefusal = 3;
}
