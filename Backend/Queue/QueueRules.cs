namespace GameStack.Backend.Queue;

/// <summary>The rules by which matches form.</summary>
/// <param name="SessionSize">Players in a full match.</param>
/// <param name="MinPartialSessionSize">The fewest players in a partial match.</param>
/// <param name="FlushWait">How long the first player waits before a partial match forms.</param>
/// <param name="Silence">How long a player stays in the queue without being heard of.</param>
internal sealed record QueueRules(int SessionSize, int MinPartialSessionSize, TimeSpan FlushWait, TimeSpan Silence)
{
    public static QueueRules Of(MatchmakingOptions options) =>
        new(options.SessionSize, options.MinPartialSessionSize, options.FlushWait, options.Silence);

    public override string ToString() =>
        $"SESSION_SIZE={SessionSize}, MIN_PARTIAL_SESSION_SIZE={MinPartialSessionSize}, FLUSH_WAIT_SECONDS={FlushWait.TotalSeconds:0.###}, "
        + $"Matchmaking__SilentSeconds={Silence.TotalSeconds:0.###}";
}
