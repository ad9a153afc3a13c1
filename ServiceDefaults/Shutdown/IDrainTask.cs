namespace GameStack.ServiceDefaults.Shutdown;

/// <summary>
/// Work that a service does while it drains: readiness already fails, requests are still served, and the listener
/// stays open until the work is done.
/// </summary>
public interface IDrainTask
{
    /// <param name="cancellationToken">Cancelled when the host's time for the whole shutdown is up.</param>
    Task DrainAsync(CancellationToken cancellationToken);
}
