namespace GameStack.Backend.Life;

/// <summary>Hears of every step of a match's life at the moment when it is reached; the step after it waits for the listener.</summary>
public interface IMatchLifeListener
{
    ValueTask OnReachedAsync(MatchStep step, CancellationToken cancellationToken);
}
