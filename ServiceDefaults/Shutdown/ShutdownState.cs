namespace GameStack.ServiceDefaults.Shutdown;

/// <summary>
/// How far a service's shutdown has come. First the service drains: readiness fails, but requests are still served as usual. Then
/// it closes: the listener is about to close, and the last requests have until <see cref="ShutdownOptions.TimeoutSeconds"/> to
/// finish. A long poll or an event stream ends only at <see cref="Closing"/>, since a client that comes back while the service
/// drains may well be sent here again.
/// </summary>
public sealed class ShutdownState : IDisposable
{
    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Cancelled when the service wants no more traffic.</summary>
    public CancellationToken Draining => _draining.Token;

    /// <summary>Cancelled just before the listener closes, when every waiting request should answer.</summary>
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
