using GameStack.Contracts.Lines;

namespace GameStack.GameServer.Matches;

/// <summary>How long the match may last. Guarded by the match's gate.</summary>
internal sealed class MatchLength(TimeProvider time)
{
    private TimeSpan? _longest;
    private long _openedAt;

    private static TimeSpan OpenMargin => TimeSpan.FromSeconds(GameProtocol.OpenMarginSeconds);

    /// <summary>Limits the length. Call before <see cref="Open"/>.</summary>
    public void Limit(TimeSpan longest) => _longest = longest;

    /// <summary>The match opens. Returns how long it may stay open without a request.</summary>
    /// <param name="limit">How long it may without a limit of its length.</param>
    public TimeSpan Open(TimeSpan limit)
    {
        _openedAt = time.GetTimestamp();
        var longest = _longest > OpenMargin ? _longest.Value : OpenMargin;
        return _longest is not null && longest < limit ? longest : limit;
    }

    /// <summary>
    /// The longest that may be requested now, in seconds; whole ones, so that a client is told exactly the length that it gets.
    /// </summary>
    public double FindLongest()
    {
        if (_longest is not { } longest)
        {
            return GameProtocol.MaxMatchSeconds;
        }

        var left = longest + OpenMargin - time.GetElapsedTime(_openedAt);
        return Math.Floor(Math.Min(longest.TotalSeconds, left.TotalSeconds));
    }
}
