namespace GameStack.Backend.GameServers.Processes;

/// <summary>Those who wait for a server, first come, first served. Not thread-safe.</summary>
internal sealed class WaitingLine
{
    private readonly LinkedList<TaskCompletionSource<ServerOrFailure>> _waiters = [];

    public int Count => _waiters.Count;

    public TaskCompletionSource<ServerOrFailure> Join()
    {
        // Whoever is served goes on elsewhere, not in the lock of who serves.
        var waiter = new TaskCompletionSource<ServerOrFailure>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiters.AddLast(waiter);
        return waiter;
    }

    /// <summary>Gives the server to the first; false when nobody waits.</summary>
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

    /// <summary>Cancels one who still waits. Who was served a moment ago keeps the server, so that it is not lost.</summary>
    public void Leave(TaskCompletionSource<ServerOrFailure> waiter, CancellationToken cancellationToken)
    {
        if (_waiters.Remove(waiter))
        {
            waiter.SetCanceled(cancellationToken);
        }
    }
}
