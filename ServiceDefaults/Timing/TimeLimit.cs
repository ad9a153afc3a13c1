namespace GameStack.ServiceDefaults.Timing;

/// <summary>
/// Limits how long something may take: its <see cref="Token"/> is cancelled when the time is up, or with the caller's own token.
/// </summary>
public sealed class TimeLimit : IDisposable
{
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _either;

    public TimeLimit(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        _caller = cancellationToken;
        _deadline = new CancellationTokenSource(limit, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token, cancellationToken);
    }

    public CancellationToken Token => _either.Token;

    /// <summary>Whether the time is up and the caller has not cancelled.</summary>
    public bool HasExpired => _deadline.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>Starts the clock again, for the next step of the same work.</summary>
    public void Restart(TimeSpan limit) => _deadline.CancelAfter(limit);

    public void Dispose()
    {
        _either.Dispose();
        _deadline.Dispose();
    }
}
