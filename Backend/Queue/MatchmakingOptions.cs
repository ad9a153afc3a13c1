using System.ComponentModel.DataAnnotations;
using GameStack.ServiceDefaults.Settings;

namespace GameStack.Backend.Queue;

/// <summary>
/// Settings for forming matches. The first three come from environment variables that the wire contract names, the rest from section
/// <c>Matchmaking</c>.
/// </summary>
public sealed class MatchmakingOptions
{
    public const string Section = "Matchmaking";

    /// <summary>Players in a full match. At most 100, so that an assignment fits in one control line.</summary>
    [SettingName("SESSION_SIZE"), Range(1, 100)]
    public int SessionSize { get; set; } = 12;

    /// <summary>The fewest players in a partial match.</summary>
    [SettingName("MIN_PARTIAL_SESSION_SIZE"), Range(1, 100)]
    public int MinPartialSessionSize { get; set; } = 2;

    /// <summary>How long the first player waits before a partial match forms, in seconds.</summary>
    [SettingName("FLUSH_WAIT_SECONDS"), Range(0, 86_400)]
    public double FlushWaitSeconds { get; set; } = 15;

    /// <summary>
    /// How long a player stays in the queue without being heard of, in seconds; joins, polls and open event streams are signs of life. More
    /// than <c>FLUSH_WAIT_SECONDS</c>; at least 10, since a call that waits gives a sign every 5 s.
    /// </summary>
    [Range(10, 86_400)]
    public double SilentSeconds { get; set; } = 60;

    /// <summary>The queue's name, part of every Redis key.</summary>
    [RegularExpression("^[A-Za-z0-9_-]{1,64}$", ErrorMessage = "1 to 64 letters, digits, - or _")]
    public string Queue { get; set; } = "default";

    /// <summary>
    /// How long a lease lasts without renewal, in seconds; a backend's turn at the outbox lasts as long. A backend that sends no heartbeat
    /// for two and a half times as long counts as dead.
    /// </summary>
    [Range(0.5, 600)]
    public double LeaseSeconds { get; set; } = 6;

    /// <summary>How often servers and matches are compared, in seconds.</summary>
    [Range(0.5, 600)]
    public double ReconcileSeconds { get; set; } = 15;

    /// <summary>How many tries to get a server a match has before its players go back to the head of the queue.</summary>
    [Range(1, 100)]
    public int MaxTries { get; set; } = 3;

    /// <summary>How long a join that completes a match may wait for a standby server, in milliseconds.</summary>
    [Range(0, 5_000)]
    public int StandbyWaitMilliseconds { get; set; } = 250;

    /// <summary>The most matches for which one backend finds servers at the same time.</summary>
    [Range(1, 10_000)]
    public int MaxConcurrentClaims { get; set; } = 64;

    public TimeSpan FlushWait => TimeSpan.FromSeconds(FlushWaitSeconds);

    public TimeSpan Silence => TimeSpan.FromSeconds(SilentSeconds);

    public TimeSpan Lease => TimeSpan.FromSeconds(LeaseSeconds);

    /// <summary>How often a backend renews its leases and sends its heartbeat, which finds out that Redis is not usable.</summary>
    public TimeSpan Renewal => TimeSpan.FromSeconds(Math.Min(LeaseSeconds / 3, 1));

    /// <summary>How long a backend counts as alive after its last heartbeat.</summary>
    public TimeSpan Heartbeat => Lease * 2.5;

    public TimeSpan Reconcile => TimeSpan.FromSeconds(ReconcileSeconds);
}
