using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Processes;

/// <summary>
/// All game server processes of this backend. The pool keeps some on standby, hands them out one by one, and ends them all when it is
/// disposed. A caller that finds none on standby waits for the next one that becomes ready.
/// </summary>
internal sealed partial class ProcessPool(
    GameServerProgram program, IOptions<GameServersOptions> options, FleetInstruments instruments, TimeProvider time, ILogger<ProcessPool> logger)
    : IAsyncDisposable
{
    /// <summary>The processor limits how fast processes start; starting more at once would only slow each one down.</summary>
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

    /// <summary>Returns a server on standby. When there is none, returns the next one, or why there will be none.</summary>
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

    /// <summary>Reports that a server that was taken works, which shows that the program works.</summary>
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

    /// <summary>Reports that a server that was taken does not work. If more fail, the pool waits before it starts the next.</summary>
    public void Reject(GameServerProcess server, string why)
    {
        lock (_lock)
        {
            Failed(server.StartedAt, why);
            Changed();
        }
    }

    /// <summary>Stops starting and handing out servers, and ends those on standby.</summary>
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

    /// <summary>Waits until all servers that exist now are gone.</summary>
    public Task WaitUntilEmptyAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.WhenAll(_alive.Select(server => server.Exited)).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends every server, including those with a match, and waits until all are gone.</summary>
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

    /// <summary>How long to wait before the next start: zero means now, infinite means until something changes.</summary>
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
            // The backend is stopping, and the process is gone.
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
        // Never go on inside the caller's lock.
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
        // No process is starting and none can start, so the callers in the line would wait in vain.
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
