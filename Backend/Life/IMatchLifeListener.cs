namespace GameStack.Backend.Life;

/// <summary>Is notified of every step of a match's life when the match reaches it; the next step waits for the listener.</summary>
public interface IMatchLifeListener
{
    ValueTask OnReachedAsync(MatchStep step, CancellationToken cancellationToken);
}
