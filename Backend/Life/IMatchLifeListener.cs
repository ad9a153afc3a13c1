namespace GameStack.Backend.Faults;

/// <summary>Told of every step of a match's life as it is reached, so that a test can stop, delay or kill the process there.</summary>
public interface IFaultPoints
{
    /// <summary>Completes at once unless a fault is set for <paramref name="step"/>.</summary>
    ValueTask ReachAsync(MatchStep step, CancellationToken cancellationToken);
}
