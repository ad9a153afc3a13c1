namespace GameStack.ServiceDefaults.Shutdown;

/// <summary>Something that a service does while it drains: readiness fails already, requests are still served, and the listener stays open until it is done.</summary>
public interface IDrainTask
{
    /// <param name="cancellationToken">Cancelled when the host's time for all of the shutdown is up.</param>
    Task DrainAsync(CancellationToken cancellationToken);
}
