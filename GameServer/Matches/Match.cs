using GameStack.Contracts.Tickets;
using GameStack.GameServer.Seats;

namespace GameStack.GameServer.Matches;

/// <summary>
/// The one match of this process: its states, and when it goes from one to the next. The state changes before any client is told, so that a
/// client that asks after an announcement gets the new state.
/// </summary>
internal sealed class Match
{
    private readonly StateLog _log;
    private readonly Action _acceptWaiting;
    private readonly Lock _gate = new();
    private readonly MatchClients _clients = new();
    private readonly MatchAnnouncements _announcements = new();
    private readonly MatchCourse _course;
    private readonly MatchAbsence _absence;

    /// <param name="limits">What ends the match when nobody plays.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where the match's changes of state go.</param>
    /// <param name="acceptWaiting">
    /// Accepts all clients that have connected and are not yet accepted. Called before each change of state: a client counts itself as
    /// connected as soon as its own socket does, and a change is announced to every connected client.
    /// </param>
    public Match(MatchLimits limits, TimeProvider time, StateLog log, Action acceptWaiting)
    {
        (_log, _acceptWaiting) = (log, acceptWaiting);
        _course = new MatchCourse(limits, time, OnEndTick);
        _absence = new MatchAbsence(_gate, _clients, _course, limits, time, acceptWaiting, Stop);
    }

    public MatchState State => _course.State;

    /// <summary>The match's length in whole seconds, rounded up; 0 before it is requested.</summary>
    public int RunningLength => _course.RunningLength;

    /// <summary>Completes once the match has stopped and its clients have been told.</summary>
    public Task Stopped => _announcements.Stopped;

    /// <summary>Completes once the match has stopped and every connection is closed.</summary>
    public Task EverybodyGone => _announcements.EverybodyGone;

    /// <summary>The seats of a match whose players have tickets; null where nobody has any. Set before the first client joins.</summary>
    public SeatTable? Seats => _clients.Seats;

    /// <summary>
    /// Limits the length that may be requested, and how long the match may stay open without a request. Does nothing once the match is
    /// open.
    /// </summary>
    public void Limit(TimeSpan longest)
    {
        lock (_gate)
        {
            _course.Limit(longest);
        }
    }

    /// <summary>Starts the session. False when the server was stopped before.</summary>
    public bool TryOpen(SeatTable? seats)
    {
        lock (_gate)
        {
            if (State != MatchState.Standby)
            {
                return false;
            }

            _clients.Seats = seats;
            _course.Open();
            _absence.Begin();
            return true;
        }
    }

    /// <summary>Adds a client. False when the match is over.</summary>
    public bool TryJoin(IMatchClient client)
    {
        lock (_gate)
        {
            if (State == MatchState.Stop)
            {
                return false;
            }

            _clients.Add(client);
            if (_clients.HavePlayers)
            {
                _absence.Pause();
            }

            return true;
        }
    }

    /// <summary>
    /// Gives a client the seat of the ticket's player. Null when the match is over.
    /// </summary>
    /// <param name="ticket">A ticket that <see cref="Seats"/> has read.</param>
    /// <param name="client">The client.</param>
    /// <param name="seat">The seat, if the client has it now.</param>
    /// <param name="displaced">The client that had the seat until now; the caller tells it.</param>
    public TicketRefusal? TakeSeat(MatchTicket ticket, IMatchClient client, out Seat? seat, out IMatchClient? displaced)
    {
        lock (_gate)
        {
            (seat, displaced) = (null, null);
            if (State == MatchState.Stop)
            {
                return null;
            }

            var refusal = Seats!.Take(ticket, client, out seat, out displaced);
            if (refusal == TicketRefusal.None)
            {
                _clients.Add(client);
                _absence.Pause();
            }

            return refusal;
        }
    }

    /// <summary>The player leaves for good, before the connection is gone.</summary>
    public void GiveUpSeat(IMatchClient client)
    {
        lock (_gate)
        {
            if (Seats is null || !Seats.GiveUp(client) || _clients.HavePlayers)
            {
                return;
            }
        }

        _absence.OnPlayersGone();
    }

    /// <summary>All seats as the game protocol lists them.</summary>
    public string DescribeSeats()
    {
        lock (_gate)
        {
            return Seats?.Describe() ?? "";
        }
    }

    /// <summary>
    /// Removes a client whose connection is gone. The last client to leave a running match ends it; an open match waits for others. Once
    /// members decide, only they count, and their seats are kept for a while.
    /// </summary>
    public void Leave(IMatchClient client)
    {
        lock (_gate)
        {
            var wasPlayer = _clients.Remove(client);
            if (State == MatchState.Stop && _clients.IsEmpty)
            {
                _announcements.EverybodyHasGone();
            }

            if (!wasPlayer || _clients.HavePlayers || State == MatchState.Stop)
            {
                return;
            }
        }

        _absence.OnPlayersGone();
    }

    /// <summary>
    /// The first request sets the length, as far as the limit allows, and moves the match to running; its caller then calls
    /// <see cref="AnnounceRunning"/>. False when the match was requested before, or is not for this client to request.
    /// </summary>
    /// <param name="seconds">The length.</param>
    /// <param name="requester">The client that asks. Where members decide, it must be one.</param>
    public bool TryRequest(double seconds, IMatchClient requester)
    {
        if (State != MatchState.Open)
        {
            return false;
        }

        _acceptWaiting();
        lock (_gate)
        {
            if (State != MatchState.Open || !_clients.MayRequest(requester))
            {
                return false;
            }

            _course.Run(seconds);
            _announcements.PrepareRunning([.. _clients.All.Where(client => client != requester)]);
        }

        _log.Running(RunningLength);
        return true;
    }

    /// <summary>Tells every client that was connected when the match began to run, except the one whose request began it.</summary>
    public void AnnounceRunning() => _announcements.AnnounceRunning();

    /// <summary>Ends the match, whatever its state; a second call does nothing.</summary>
    public void Stop(string reason)
    {
        _acceptWaiting();
        IMatchClient[] told;
        lock (_gate)
        {
            if (State == MatchState.Stop)
            {
                return;
            }

            _course.Stop();
            _absence.End();
            told = _clients.All;
            if (told.Length == 0)
            {
                _announcements.EverybodyHasGone();
            }
        }

        _log.Stopped(reason);
        _announcements.AnnounceStop(told);
    }

    private void OnEndTick()
    {
        string? reason;
        lock (_gate)
        {
            reason = _course.WhyOver;
        }

        if (reason is not null)
        {
            Stop(reason);
        }
    }
}
