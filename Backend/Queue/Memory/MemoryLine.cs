namespace GameStack.Backend.Queue.Memory;

/// <summary>
/// The waiting players in the order of their joins, and the rules for when a match may form. Guarded by the queue's lock.
/// </summary>
/// <param name="rules">The rules by which matches form.</param>
/// <param name="time">The clock. Waits are measured by its timestamps, since its time of day may be set.</param>
/// <param name="hearsAll">Whether silence counts.</param>
internal sealed class MemoryLine(CurrentRules rules, TimeProvider time, bool hearsAll)
{
    private readonly SortedSet<MemoryPlayer> _waiting = new(MemoryPlayer.ByTimeOfJoining);

    /// <summary>The players in the line, the longest silent first.</summary>
    private readonly LinkedList<MemoryPlayer> _signs = new();
    private int _failures;
    private long _pausedAt;
    private TimeSpan _pause;

    /// <summary>While the line is frozen, no match forms: the waiting players are being handed to Redis.</summary>
    public bool IsFrozen { get; set; }

    public IReadOnlyCollection<MemoryPlayer> Players => _waiting;

    /// <summary>How long new players are refused; zero or less when they are not.</summary>
    public TimeSpan Refusal => _failures < QueueLimits.FailuresUntilRefusal ? TimeSpan.Zero : PauseLeft;

    private TimeSpan PauseLeft => _pause - time.GetElapsedTime(_pausedAt);

    private TimeSpan LongestWait => time.GetElapsedTime(_waiting.Min!.JoinedAt);

    public void Add(MemoryPlayer player)
    {
        _waiting.Add(player);
        Hear(player);
    }

    public void Remove(MemoryPlayer player)
    {
        if (_waiting.Remove(player))
        {
            _signs.Remove(player.Sign);
        }
    }

    /// <summary>A player in the line has been heard of.</summary>
    public void Hear(MemoryPlayer player)
    {
        if (player.Sign.List is not null)
        {
            _signs.Remove(player.Sign);
        }

        player.HeardAt = time.GetTimestamp();
        _signs.AddLast(player.Sign);
    }

    /// <summary>The players in the line who have been silent for too long.</summary>
    public IReadOnlyList<MemoryPlayer> FindSilent() => hearsAll
        ? [.. _signs.TakeWhile(player => time.GetElapsedTime(player.HeardAt) >= rules.Value.Silence)]
        : [];

    /// <summary>Takes the players of the next match out of the line; none while no match may form.</summary>
    public List<MemoryPlayer> TakeMatch()
    {
        if (_waiting.Count == 0 || IsFrozen || PauseLeft > TimeSpan.Zero || (_waiting.Count < rules.Value.SessionSize && !MayFormPartial))
        {
            return [];
        }

        List<MemoryPlayer> players = [.. _waiting.Take(rules.Value.SessionSize)];
        players.ForEach(Remove);
        return players;
    }

    /// <summary>The time until a match may form or a player counts as silent; null when only a join can change anything.</summary>
    public TimeSpan? NextDue()
    {
        if (_signs.First is not { Value: var silentest } || IsFrozen)
        {
            return null;
        }

        TimeSpan? due = hearsAll ? rules.Value.Silence - time.GetElapsedTime(silentest.HeardAt) : null;
        if (_waiting.Count >= Math.Min(rules.Value.MinPartialSessionSize, rules.Value.SessionSize))
        {
            var match = _waiting.Count >= rules.Value.SessionSize ? TimeSpan.Zero : rules.Value.FlushWait - LongestWait;
            match = match > PauseLeft ? match : PauseLeft;
            due = due < match ? due : match;
        }

        return due < TimeSpan.Zero ? TimeSpan.Zero : due;
    }

    /// <summary>A match got no server, so no match forms for a while.</summary>
    public void Failed()
    {
        var pause = QueueLimits.FirstPause * Math.Pow(2, Math.Min(_failures++, 20));
        _pause = pause < QueueLimits.LongestPause ? pause : QueueLimits.LongestPause;
        _pausedAt = time.GetTimestamp();
    }

    /// <summary>A match got a server.</summary>
    public void Succeeded() => _failures = 0;

    private bool MayFormPartial =>
        _waiting.Count >= rules.Value.MinPartialSessionSize && LongestWait >= rules.Value.FlushWait;
}
