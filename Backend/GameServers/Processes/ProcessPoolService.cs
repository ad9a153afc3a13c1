using GameStack.Backend.Background;

namespace GameStack.Backend.GameServers.Processes;

/// <summary>
/// Keeps the pool filled while the backend runs. The servers that are left when everything else has stopped end last of all, regardless of
/// the order in which services were added. Usually none are left, since a draining backend waits for its servers first.
/// </summary>
internal sealed partial class ProcessPoolService(
    ProcessPool pool, GameServerProgram program, FleetInstruments instruments, TimeProvider time, ILogger<ProcessPoolService> logger)
    : RepeatingService("start game servers", time, logger), IHostedLifecycleService
{
    /// <summary>The processor limits how fast processes start; starting more at once would only slow each one down.</summary>
    private static readonly int StartsAtOnce = 2 * Environment.ProcessorCount;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => pool.DisposeAsync().AsTask();

    /// <summary>Starts servers until one start fails in an unforeseen way, which ends the others too.</summary>
    protected override Task RunRoundAsync(CancellationToken stoppingToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = StartsAtOnce, CancellationToken = stoppingToken };
        return Parallel.ForEachAsync(Enumerable.Range(0, StartsAtOnce), parallel, async (_, cancellationToken) =>
        {
            while (true)
            {
                await pool.BeginStartAsync(cancellationToken);
                await StartOneAsync(cancellationToken);
            }
        });
    }

    private async Task StartOneAsync(CancellationToken stoppingToken)
    {
        var startedAt = Time.GetTimestamp();
        Result<GameServerProcess>? start = null;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(pool.Closing, stoppingToken);
        try
        {
            start = await program.StartAsync(either.Token);
            Succeeded();
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // The backend is stopping, and the process is gone.
        }
        finally
        {
            pool.EndStart(startedAt, start);
        }

        if (start?.Value is { } server)
        {
            var duration = Time.GetElapsedTime(startedAt);
            instruments.Started(duration);
            Log.Ready(Logger, server.Id, duration.TotalMilliseconds);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Ready, LogLevel.Debug, "Game server process {ProcessId} was ready after {Milliseconds:0.0} ms")]
        public static partial void Ready(ILogger logger, int processId, double milliseconds);
    }
}
