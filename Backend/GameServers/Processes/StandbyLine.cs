namespace GameStack.Backend.GameServers.Processes;

/// <summary>
/// The servers on standby and the callers that wait for one, both first come, first served. There are never both at once. Not thread-safe.
/// </summary>
internal sealed class StandbyLine
{
    private readonly List<GameServerProcess> _servers = [];
    private readonly LinkedList<TaskCompletionSource<Result<GameServerProcess>>> _callers = [];

    public int ServerCount => _servers.Count;

    public int CallerCount => _callers.Count;

    /// <summary>Takes the first server; null when there is none.</summary>
    public GameServerProcess? Take()
    {
        if (_servers is not [var first, ..])
        {
            return null;
        }

        _servers.RemoveAt(0);
        return first;
    }

    /// <summary>Adds a caller, which gets the next server that no earlier caller gets.</summary>
    public TaskCompletionSource<Result<GameServerProcess>> Join()
    {
        // A caller that is served goes on elsewhere, not inside the lock of the thread that serves it.
        var caller = new TaskCompletionSource<Result<GameServerProcess>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _callers.AddLast(caller);
        return caller;
    }

    /// <summary>
    /// Cancels a caller that still waits. A caller that was served a moment ago keeps its server, so that the server is not lost.
    /// </summary>
    public void Leave(TaskCompletionSource<Result<GameServerProcess>> caller, CancellationToken cancellationToken)
    {
        if (_callers.Remove(caller))
        {
            caller.SetCanceled(cancellationToken);
        }
    }

    /// <summary>Gives the server to the first caller, or puts it on standby when none waits.</summary>
    public void Add(GameServerProcess server)
    {
        if (_callers.First is not { } first)
        {
            _servers.Add(server);
            return;
        }

        _callers.RemoveFirst();
        first.Value.SetResult(Result<GameServerProcess>.Of(server));
    }

    /// <summary>Whether the server was on standby. It no longer is.</summary>
    public bool Remove(GameServerProcess server) => _servers.Remove(server);

    public void FailCallers(string why)
    {
        foreach (var caller in _callers)
        {
            caller.SetResult(Result<GameServerProcess>.Failed(why));
        }

        _callers.Clear();
    }
}
