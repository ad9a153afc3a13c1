namespace GameStack.Backend.GameServers.Processes;

/// <summary>
/// Keeps the standby pool filled while the backend runs. The servers that are left when everything else has stopped end last of all,
/// regardless of the order in which services were added. Usually none are left, since a draining backend waits for its servers first.
/// </summary>
internal sealed class ProcessFleetService(ProcessPool pool) : BackgroundService, IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => pool.DisposeAsync().AsTask();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => pool.RunAsync().WaitAsync(stoppingToken);
}
