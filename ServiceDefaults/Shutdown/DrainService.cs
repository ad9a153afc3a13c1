using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GameStack.ServiceDefaults.Shutdown;

/// <summary>
/// Holds back the host's shutdown while the service drains: a host awaits <see cref="StoppingAsync"/> of all services before it stops any
/// of them, including the listener and the background services.
/// </summary>
internal sealed partial class DrainService(
    ShutdownState state, IEnumerable<IDrainTask> tasks, IOptions<ShutdownOptions> options, TimeProvider time, ILogger<DrainService> logger)
    : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // Start the clock before notifying anyone.
        var drained = Task.Delay(options.Value.Drain, time, cancellationToken);
        Log.Draining(logger, options.Value.DrainSeconds);
        await state.StartDrainingAsync();

        try
        {
            await Task.WhenAll(tasks.Select(task => task.DrainAsync(cancellationToken)));
        }
        finally
        {
            // Cancelled means that the host's time for the whole shutdown is up: close at once.
            await drained.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await state.StartClosingAsync();
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(EventIds.Draining, LogLevel.Information,
            "Draining for {DrainSeconds} s: readiness fails; requests are still served.")]
        public static partial void Draining(ILogger logger, double drainSeconds);
    }
}
