namespace GameStack.GameServer.Matches;

/// <summary>
/// Stops the match when its players have been gone for too long. The last player to leave a running match stops it; an open match waits
/// for others; seats are kept for a while.
/// </summary>
internal sealed class MatchAbsence
{
    private readonly Lock _gate;
    private readonly MatchClients _clients;
    private readonly MatchCourse _course;
    private readonly MatchLimits _limits;
    private readonly Action _acceptWaiting;
    private readonly Action<string> _stop;

    /// <summary>Runs while nobody is connected for whom the match goes on.</summary>
    private readonly Deadline _deadline;

    /// <param name="gate">The match's gate.</param>
    /// <param name="clients">The match's clients.</param>
    /// <param name="course">The match's state.</param>
    /// <param name="limits">What ends the match when nobody plays.</param>
    /// <param name="time">The clock.</param>
    /// <param name="acceptWaiting">Accepts the clients that have connected already.</param>
    /// <param name="stop">Stops the match.</param>
    public MatchAbsence(
        Lock gate, MatchClients clients, MatchCourse course, MatchLimits limits, TimeProvider time, Action acceptWaiting,
        Action<string> stop)
    {
        (_gate, _clients, _course, _limits, _acceptWaiting, _stop) = (gate, clients, course, limits, acceptWaiting, stop);
        _deadline = new Deadline(time, OnTick);
    }

    /// <summary>Nobody has come yet. Call inside the gate, as all but <see cref="OnPlayersGone"/>.</summary>
    public void Begin() => _deadline.Start(_limits.Empty);

    /// <summary>A player is here.</summary>
    public void Pause() => _deadline.Stop();

    /// <summary>Ends for good.</summary>
    public void End() => _deadline.End();

    /// <summary>Call outside of the gate when a player has left and nobody else seemed to be connected.</summary>
    public void OnPlayersGone()
    {
        _acceptWaiting();
        lock (_gate)
        {
            if (_clients.HavePlayers || _course.State is not (MatchState.Open or MatchState.Running))
            {
                return;
            }

            if (_clients.FindPatience(_course.State == MatchState.Open, _limits.Empty) is { } patience)
            {
                _deadline.Start(patience);
                return;
            }
        }

        _stop("the last client left");
    }

    private void OnTick()
    {
        _acceptWaiting();
        lock (_gate)
        {
            if (_course.State == MatchState.Stop || _clients.HavePlayers || !_deadline.HasPassed)
            {
                return;
            }
        }

        _stop("nobody is connected");
    }
}
