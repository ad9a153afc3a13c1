namespace GameStack.Backend.GameServers.Processes;

/// <summary>
/// Keeps the standby pool while the backend runs. When it stops, servers on standby go first and nobody gets a new one; servers with a match go last of
/// all, whatever order services were added in, so that what ends with the backend is still served while the backend drains.
/// </summary>
internal sealed class ProcessFleetService(ProcessPool pool) : BackgroundService, IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        pool.Close();
        return Task.CompletedTask;
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => pool.DisposeAsync().AsTask();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => pool.RunAsync();
}
