namespace GameStack.GameServer.Matches;

/// <summary>What the clients are told of the match, outside of its gate: that it runs, and that it has stopped.</summary>
internal sealed class MatchAnnouncements
{
    /// <summary>No client is told that the match has stopped before it is told that it runs.</summary>
    private readonly Lock _order = new();

    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _everybodyGone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IMatchClient[] _toldRunning = [];

    /// <inheritdoc cref="Match.Stopped"/>
    public Task Stopped => _stopped.Task;

    /// <inheritdoc cref="Match.EverybodyGone"/>
    public Task EverybodyGone => _everybodyGone.Task;

    /// <summary>Call inside the gate, as the match begins to run, with the clients to tell.</summary>
    public void PrepareRunning(IMatchClient[] clients) => _toldRunning = clients;

    public void AnnounceRunning()
    {
        lock (_order)
        {
            foreach (var client in Interlocked.Exchange(ref _toldRunning, []))
            {
                client.TellRunning();
            }
        }
    }

    public void AnnounceStop(IMatchClient[] clients)
    {
        lock (_order)
        {
            AnnounceRunning();
            foreach (var client in clients)
            {
                client.TellStop();
            }
        }

        _stopped.TrySetResult();
    }

    /// <summary>The match has stopped, and no client is left.</summary>
    public void EverybodyHasGone() => _everybodyGone.TrySetResult();
}
