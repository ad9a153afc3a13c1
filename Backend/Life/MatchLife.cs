namespace GameStack.Backend.Life;

/// <summary>Announces each step of a match's life once to every listener.</summary>
public sealed class MatchLife(IEnumerable<IMatchLifeListener> listeners)
{
    private readonly IMatchLifeListener[] _listeners = [.. listeners];

    /// <summary>Completes at once if there are no listeners.</summary>
    public ValueTask ReachAsync(MatchStep step, CancellationToken cancellationToken) =>
        _listeners.Length == 0 ? ValueTask.CompletedTask : AnnounceAsync(step, cancellationToken);

    private async ValueTask AnnounceAsync(MatchStep step, CancellationToken cancellationToken)
    {
        foreach (var listener in _listeners)
        {
            await listener.OnReachedAsync(step, cancellationToken);
        }
    }
}
