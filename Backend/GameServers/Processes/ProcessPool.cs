using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Processes;

/// <summary>
/// All game server processes of this backend: keeps some on standby, hands them out one by one, and ends them all when it is disposed.
/// Who finds none on standby waits for the next that gets ready.
/// </summary>
internal sealed partial class ProcessPool(
    GameServerProgram program, IOptions<GameServersOptions> options, FleetInstruments instruments, TimeProvider time, ILogger<ProcessPool> logger)
    : IAsyncDisposable
{
    /// <summary>Starting is a matter of the processor; more at once would only make each slower.</summary>
    private static readonly int StartsAtOnce = 2 * Environment.ProcessorCount;

    private readonly GameServersOptions _options = options.Value;
    private readonly StartBackoff _backoff = new(time);
    private readonly Lock _lock = new();
    private readonly HashSet<GameServerProcess> _alive = [];
    private readonly List<GameServerProcess> _standby = [];
    private readonly WaitingLine _waiting = new();
    private readonly CancellationTokenSource _closing = new();
    private Task _filling = Task.CompletedTask;
    private TaskCompletionSource _changed = NewSignal();
    private string? _loggedFailure;
    private int _starting;
    private bool _closed;

    public int StandbyCount
    {
        get
        {
            lock (_lock)
            {
                return _standby.Count;
            }
        }
    }

    /// <summary>Keeps the pool filled until it is closed.</summary>
    public Task RunAsync() => _filling = Task.WhenAll(Enumerable.Range(0, StartsAtOnce).Select(_ => FillAsync(_closing.Token)));

    /// <summary>A server on standby; when there is none, the next one, or why there will be none.</summary>
    public async Task<ServerOrFailure> TakeAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<ServerOrFailure> waiter;
        lock (_lock)
        {
            if (_closed)
            {
                return ServerOrFailure.Failed("This backend is stopping.");
            }

            if (_standby is [var server, ..])
            {
                _standby.RemoveAt(0);
                Changed();
                return ServerOrFailure.Of(server);
            }

            if (_starting <= _waiting.Count && WhyNoneCanStart() is { } why)
            {
                return ServerOrFailure.Failed(why);
            }

            waiter = _waiting.Join();
            Changed();
        }

        await using var registration = cancellationToken.UnsafeRegister(_ => GiveUp(waiter, cancellationToken), null);
        return await waiter.Task;
    }

    /// <summary>A server that was taken works, so the program does.</summary>
    public void Confirm()
    {
        lock (_lock)
        {
            _backoff.Succeeded();
            if (_loggedFailure is not null)
            {
                _loggedFailure = null;
                Log.WorkAgain(logger);
            }

            Changed();
        }
    }

    /// <summary>A server that was taken does not work; if more do not, the pool waits before it starts the next.</summary>
    public void Reject(GameServerProcess server, string why)
    {
        lock (_lock)
        {
            Failed(server.StartedAt, why);
            Changed();
        }
    }

    /// <summary>Starts and hands out no more, and ends those on standby.</summary>
    public void Close()
    {
        List<GameServerProcess> standby;
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            standby = [.. _standby];
            _standby.Clear();
            _waiting.FailAll("This backend is stopping.");
            Changed();
        }

        _closing.Cancel();
        foreach (var server in standby)
        {
            _ = server.StopAsync();
        }
    }

    /// <summary>Waits until no server is left, of those there are now.</summary>
    public Task WaitUntilEmptyAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.WhenAll(_alive.Select(server => server.Exited)).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends every server, those with a match too, and waits until all are gone.</summary>
    public async ValueTask DisposeAsync()
    {
        Close();
        await _filling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        GameServerProcess[] alive;
        lock (_lock)
        {
            alive = [.. _alive];
        }

        await Task.WhenAll(alive.Select(server => server.StopAsync()));
        _closing.Dispose();
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Task changed;
            TimeSpan delay;
            lock (_lock)
            {
                changed = _changed.Task;
                delay = UntilNextStart();
                _starting += delay == TimeSpan.Zero ? 1 : 0;
            }

            if (delay == TimeSpan.Zero)
            {
                await StartOneAsync(cancellationToken);
            }
            else
            {
                await changed.WaitAsync(delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Zero: start one now; infinite: when something changes.</summary>
    private TimeSpan UntilNextStart()
    {
        var missing = _options.Standby + _waiting.Count - _standby.Count - _starting;
        return _closed || missing <= 0 || IsFull ? Timeout.InfiniteTimeSpan : _backoff.Remaining;
    }

    private async Task StartOneAsync(CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        ServerOrFailure started = default;
        try
        {
            started = await program.StartAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The backend stops, and the process is gone.
        }
        finally
        {
            lock (_lock)
            {
                _starting--;
                if (started.Server is { } server)
                {
                    Add(server);
                }
                else if (started.Failure is { } why)
                {
                    Failed(startedAt, why);
                }

                Changed();
            }
        }

        if (started.Server is { } ready)
        {
            var duration = time.GetElapsedTime(startedAt);
            instruments.Started(duration);
            Log.Ready(logger, ready.Id, duration.TotalMilliseconds);
        }
    }

    private void Add(GameServerProcess server)
    {
        _alive.Add(server);
        _ = WatchAsync(server);
        if (_closed)
        {
            _ = server.StopAsync();
            return;
        }

        if (!_waiting.TryServe(server))
        {
            _standby.Add(server);
        }
    }

    private async Task WatchAsync(GameServerProcess server)
    {
        // Never in the caller's lock.
        await server.Exited.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        lock (_lock)
        {
            _alive.Remove(server);
            if (_standby.Remove(server))
            {
                Failed(server.StartedAt, $"A game server on standby ended with exit code {server.ExitCode}.");
            }

            Changed();
        }
    }

    private bool IsFull => _alive.Count + _starting >= _options.MaxServers;

    private string? WhyNoneCanStart()
    {
        if (IsFull)
        {
            return $"{_options.MaxServers} game servers are running, as many as GameServers:MaxServers allows.";
        }

        return _backoff.Remaining > TimeSpan.Zero ? _backoff.Reason : null;
    }

    private void Failed(long startedAt, string why)
    {
        _backoff.Failed(startedAt, why);
        if (_loggedFailure != why)
        {
            _loggedFailure = why;
            Log.Failed(logger, why);
        }
    }

    private void GiveUp(TaskCompletionSource<ServerOrFailure> waiter, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _waiting.Leave(waiter, cancellationToken);
        }
    }

    private void Changed()
    {
        // The last hope of those who wait was a process that is starting.
        if (_starting == 0 && WhyNoneCanStart() is { } why)
        {
            _waiting.FailAll(why);
        }

        _changed.SetResult();
        _changed = NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(410, LogLevel.Error, "Game servers fail: {Why}")]
        public static partial void Failed(ILogger logger, string why);

        [LoggerMessage(411, LogLevel.Information, "Game servers work again")]
        public static partial void WorkAgain(ILogger logger);

        [LoggerMessage(412, LogLevel.Debug, "Game server process {ProcessId} was ready after {Milliseconds:0.0} ms")]
        public static partial void Ready(ILogger logger, int processId, double milliseconds);
    }
}
