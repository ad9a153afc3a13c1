namespace GameStack.Backend.Background;

/// <summary>
/// Waiting times that double from 0.1 s to 5 s. Each is shortened at random by up to half, so that backends do not all come back at once.
/// </summary>
internal sealed class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private TimeSpan _next = First;

    public TimeSpan Next()
    {
        var delay = _next * (0.5 + (Random.Shared.NextDouble() / 2));
        _next = TimeSpan.FromTicks(Math.Min(_next.Ticks * 2, Longest.Ticks));
        return delay;
    }

    public void Reset() => _next = First;
}
