namespace GameStack.ServiceDefaults.Shutdown;

/// <summary>
/// How far a service is on its way out. First it drains: readiness fails, requests are still served as ever. Then it closes: the listener is
/// about to go and the last requests have until <see cref="ShutdownOptions.TimeoutSeconds"/> to finish. A long-poll or an event stream ends at
/// <see cref="Closing"/> and not before, since a client that comes back while draining may well be sent here again.
/// </summary>
public sealed class ShutdownState : IDisposable
{
    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Cancelled when the service wants no more traffic.</summary>
    public CancellationToken Draining => _draining.Token;

    /// <summary>Cancelled when whatever waits should answer now, just before the listener closes.</summary>
    public CancellationToken Closing => _closing.Token;

    public bool IsDraining => _draining.IsCancellationRequested;

    public bool IsClosing => _closing.IsCancellationRequested;

    public void Dispose()
    {
        _draining.Dispose();
        _closing.Dispose();
    }

    internal Task StartDrainingAsync() => _draining.CancelAsync();

    internal Task StartClosingAsync() => _closing.CancelAsync();
}
