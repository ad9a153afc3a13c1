namespace GameStack.Backend.GameServers.Processes;

/// <summary>
/// Keeps the standby pool while the backend runs. What is left of it when everything else has stopped ends last of all, whatever order services
/// were added in; usually nothing is, since a backend that drains waits for its servers before.
/// </summary>
internal sealed class ProcessFleetService(ProcessPool pool) : BackgroundService, IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => pool.DisposeAsync().AsTask();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => pool.RunAsync().WaitAsync(stoppingToken);
}
