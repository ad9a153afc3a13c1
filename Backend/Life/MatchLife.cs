namespace GameStack.Backend.Life;

/// <summary>
/// Announces each step of a match's life once, to every listener. Logs and metrics listen, and so do tests that inject faults.
/// </summary>
internal sealed class MatchLife(IEnumerable<IMatchListener> listeners)
{
    private readonly IMatchListener[] _listeners = [.. listeners];

    public void Announce(MatchStep step)
    {
        foreach (var listener in _listeners)
        {
            listener.Hear(step);
        }
    }
}
