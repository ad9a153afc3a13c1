namespace GameStack.Backend.Queue.Memory;

/// <summary>The waiting players in the order of their joins, and the rules for when a match may form. Guarded by the queue's lock.</summary>
internal sealed class MemoryLine(MatchmakingOptions options, TimeProvider time)
{
    private readonly SortedSet<MemoryPlayer> _waiting = new(MemoryPlayer.ByTimeOfJoining);
    private int _failures;
    private DateTimeOffset _pausedUntil;

    /// <summary>While the line is frozen, no match forms: the waiting players are being handed to Redis.</summary>
    public bool IsFrozen { get; set; }

    public IReadOnlyCollection<MemoryPlayer> Players => _waiting;

    /// <summary>How long new players are refused; zero or less when they are not.</summary>
    public TimeSpan Refusal => _failures < QueueLimits.FailuresUntilRefusal ? TimeSpan.Zero : _pausedUntil - time.GetUtcNow();

    public void Add(MemoryPlayer player) => _waiting.Add(player);

    public bool Remove(MemoryPlayer player) => _waiting.Remove(player);

    /// <summary>Takes the players of the next match out of the line; none while no match may form.</summary>
    public List<MemoryPlayer> TakeMatch()
    {
        var now = time.GetUtcNow();
        if (_waiting.Count == 0 || IsFrozen || now < _pausedUntil || (_waiting.Count < options.SessionSize && !MayFormPartial(now)))
        {
            return [];
        }

        List<MemoryPlayer> players = [.. _waiting.Take(options.SessionSize)];
        _waiting.ExceptWith(players);
        return players;
    }

    /// <summary>The time until a match may form; null when only a join can change anything.</summary>
    public TimeSpan? NextDue()
    {
        if (_waiting.Count == 0 || IsFrozen || _waiting.Count < Math.Min(options.MinPartialSessionSize, options.SessionSize))
        {
            return null;
        }

        var due = _waiting.Count >= options.SessionSize ? _pausedUntil : _waiting.Min!.Since + options.FlushWait;
        var wait = (due > _pausedUntil ? due : _pausedUntil) - time.GetUtcNow();
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>A match got no server: its players are in the line again, and no match forms for a while.</summary>
    public void GiveBack(IEnumerable<MemoryPlayer> players)
    {
        _waiting.UnionWith(players);
        var pause = QueueLimits.FirstPause * Math.Pow(2, Math.Min(_failures++, 20));
        _pausedUntil = time.GetUtcNow() + (pause < QueueLimits.LongestPause ? pause : QueueLimits.LongestPause);
    }

    /// <summary>A match got a server.</summary>
    public void Succeeded() => _failures = 0;

    private bool MayFormPartial(DateTimeOffset now) =>
        _waiting.Count >= options.MinPartialSessionSize && now - _waiting.Min!.Since >= options.FlushWait;
}
