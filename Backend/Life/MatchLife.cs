namespace GameStack.Backend.Faults;

/// <summary>Does nothing: every backend that nobody tests.</summary>
public sealed class NoFaultPoints : IFaultPoints
{
    public ValueTask ReachAsync(MatchStep step, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
