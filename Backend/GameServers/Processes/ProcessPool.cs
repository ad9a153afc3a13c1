using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Processes;

/// <summary>
/// All game server processes of this backend. The pool keeps some on standby, more of them after busy seconds, hands them out one by one,
/// and ends them all when it is disposed. A caller that finds none on standby waits for the next one that becomes ready.
/// </summary>
internal sealed class ProcessPool(IOptions<ProcessFleetOptions> options, TimeProvider time, ILogger<ProcessPool> logger) : IAsyncDisposable
{
    private readonly StandbySize _size = new(options.Value.Standby, time);
    private readonly StartBackoff _backoff = new(time, logger);
    private readonly Lock _lock = new();
    private readonly ServerCount _servers = new(options.Value.MaxServers);
    private readonly StandbyLine _standby = new();
    private readonly ChangeSignal _changed = new();
    private readonly CancellationTokenSource _closing = new();
    private bool _closed;

    public int StandbyCount
    {
        get
        {
            lock (_lock)
            {
                return _standby.ServerCount;
            }
        }
    }

    /// <summary>See <see cref="IGameServerFleet.WhyFull"/>. A server that is starting may still be for the next match.</summary>
    public string? WhyFull
    {
        get
        {
            lock (_lock)
            {
                return _standby.ServerCount == 0 && _servers.Starting <= _standby.CallerCount ? _servers.WhyFull : null;
            }
        }
    }

    /// <summary>Cancelled when the pool closes.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Returns a server on standby. When there is none, returns the next one, or why there will be none.</summary>
    public async Task<Result<GameServerProcess>> TakeAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<Result<GameServerProcess>> caller;
        lock (_lock)
        {
            if (_closed)
            {
                return Result<GameServerProcess>.Failed("This backend is stopping.");
            }

            _size.Ask();
            if (_standby.Take() is { } server)
            {
                Changed();
                return Result<GameServerProcess>.Of(server);
            }

            if (_servers.Starting <= _standby.CallerCount && WhyNoneCanStart() is { } why)
            {
                return Result<GameServerProcess>.Failed(why);
            }

            caller = _standby.Join();
            Changed();
        }

        await using var registration = cancellationToken.Register(() =>
        {
            lock (_lock)
            {
                _standby.Leave(caller, cancellationToken);
            }
        });
        return await caller.Task;
    }

    /// <summary>Reports that a server that was taken works, which shows that the program works.</summary>
    public void Confirm()
    {
        lock (_lock)
        {
            _backoff.Succeeded();
            Changed();
        }
    }

    /// <summary>Reports that a server that was taken does not work. If more fail, the pool waits before it starts the next.</summary>
    public void Reject(GameServerProcess server, string why)
    {
        lock (_lock)
        {
            _backoff.Failed(server.StartedAt, why);
            Changed();
        }
    }

    /// <summary>Waits until another server is to be started, which counts as starting until <see cref="EndStart"/>.</summary>
    public async Task BeginStartAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = _changed.Next;
            TimeSpan delay;
            lock (_lock)
            {
                while (_standby.ServerCount > _size.Value)
                {
                    _ = _standby.Take()!.StopAsync();
                }

                delay = _closed ? Timeout.InfiniteTimeSpan : StartPace.UntilNext(_size, _standby, _servers, _backoff);
                if (delay == TimeSpan.Zero)
                {
                    _servers.BeginStart();
                    return;
                }
            }

            await changed.WaitAsync(delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <param name="startedAt">When the start began, as a timestamp of the <see cref="TimeProvider"/>.</param>
    /// <param name="start">The server on standby, or why there is none; null when the start was cancelled.</param>
    public void EndStart(long startedAt, Result<GameServerProcess>? start)
    {
        lock (_lock)
        {
            _servers.EndStart(start?.Value);
            if (start?.Value is { } server)
            {
                Add(server);
            }
            else if (start?.Failure is { } why)
            {
                _backoff.Failed(startedAt, why);
            }

            Changed();
        }
    }

    /// <summary>Stops starting and handing out servers, and ends those on standby.</summary>
    public void Close()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            while (_standby.Take() is { } server)
            {
                _ = server.StopAsync();
            }

            _standby.FailCallers("This backend is stopping.");
            Changed();
        }

        _closing.Cancel();
    }

    /// <summary>Waits until no server exists and none is starting.</summary>
    public async Task WaitUntilEmptyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = _changed.Next;
            lock (_lock)
            {
                if (_servers.IsEmpty)
                {
                    return;
                }
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends every server, including those with a match, and waits until all are gone.</summary>
    public async ValueTask DisposeAsync()
    {
        Close();
        lock (_lock)
        {
            foreach (var server in _servers.Alive)
            {
                _ = server.StopAsync();
            }
        }

        await WaitUntilEmptyAsync(CancellationToken.None);
        _closing.Dispose();
    }

    private void Add(GameServerProcess server)
    {
        _ = WatchAsync(server);
        if (_closed)
        {
            _ = server.StopAsync();
        }
        else
        {
            _standby.Add(server);
        }
    }

    private async Task WatchAsync(GameServerProcess server)
    {
        // Never go on inside the caller's lock.
        await server.Exited.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            _servers.Remove(server);
            if (_standby.Remove(server))
            {
                _backoff.Failed(server.StartedAt, $"A game server on standby ended with exit code {server.ExitCode}.");
            }

            Changed();
        }
    }

    private string? WhyNoneCanStart() => _servers.WhyFull ?? (_backoff.Remaining > TimeSpan.Zero ? _backoff.Reason : null);

    private void Changed()
    {
        // No process is starting and none can start, so the callers in the line would wait in vain.
        if (_servers.Starting == 0 && WhyNoneCanStart() is { } why)
        {
            _standby.FailCallers(why);
        }

        _changed.Notify();
    }
}
