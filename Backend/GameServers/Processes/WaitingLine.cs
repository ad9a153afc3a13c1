namespace GameStack.Backend.GameServers.Processes;

/// <summary>The callers that wait for a server, first come, first served. Not thread-safe.</summary>
internal sealed class WaitingLine
{
    private readonly LinkedList<TaskCompletionSource<ServerOrFailure>> _waiters = [];

    public int Count => _waiters.Count;

    public TaskCompletionSource<ServerOrFailure> Join()
    {
        // A caller that is served goes on elsewhere, not inside the lock of the thread that serves it.
        var waiter = new TaskCompletionSource<ServerOrFailure>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiters.AddLast(waiter);
        return waiter;
    }

    /// <summary>Gives the server to the first caller in the line; false when no caller waits.</summary>
    public bool TryServe(GameServerProcess server)
    {
        if (_waiters.First is not { } first)
        {
            return false;
        }

        _waiters.RemoveFirst();
        first.Value.SetResult(ServerOrFailure.Of(server));
        return true;
    }

    public void FailAll(string why)
    {
        foreach (var waiter in _waiters)
        {
            waiter.SetResult(ServerOrFailure.Failed(why));
        }

        _waiters.Clear();
    }

    /// <summary>
    /// Cancels a caller that still waits. A caller that was served a moment ago keeps its server, so that the server is not lost.
    /// </summary>
    public void Leave(TaskCompletionSource<ServerOrFailure> waiter, CancellationToken cancellationToken)
    {
        if (_waiters.Remove(waiter))
        {
            waiter.SetCanceled(cancellationToken);
        }
    }
}
