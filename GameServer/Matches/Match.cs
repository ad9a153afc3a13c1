using GameStack.Contracts.Lines;
using GameStack.Contracts.Tickets;
using GameStack.GameServer.Seats;

namespace GameStack.GameServer.Matches;

/// <summary>
/// The one match of this process: which clients are in it, and when it is over. The state changes before any client is told, so that a
/// client that asks after an announcement gets the new state.
/// </summary>
internal sealed class Match
{
    private readonly MatchLimits _limits;
    private readonly TimeProvider _time;
    private readonly StateLog _log;
    private readonly Action _acceptWaiting;
    private readonly Lock _gate = new();
    private readonly HashSet<IMatchClient> _clients = [];
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _everybodyGone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile MatchState _state;
    private volatile int _runningLength;
    private IMatchClient[] _toldRunning = [];
    private TimeSpan? _longest;
    private long _openedAt;

    /// <summary>Runs while nobody is connected for whom the match goes on.</summary>
    private readonly Deadline _empty;

    /// <summary>Runs from the opening to the request, and again from the request to the end.</summary>
    private readonly Deadline _end;

    /// <param name="limits">What ends the match when nobody plays.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where the match's changes of state go.</param>
    /// <param name="acceptWaiting">
    /// Accepts all clients that have connected and are not yet accepted. Called before each change of state: a client counts itself as
    /// connected as soon as its own socket does, and a change is announced to every connected client.
    /// </param>
    public Match(MatchLimits limits, TimeProvider time, StateLog log, Action acceptWaiting)
    {
        (_limits, _time, _log, _acceptWaiting) = (limits, time, log, acceptWaiting);
        _empty = new Deadline(time, OnEmptyTick);
        _end = new Deadline(time, OnEndTick);
    }

    public MatchState State => _state;

    /// <summary>The match's length in whole seconds, rounded up; 0 before it is requested.</summary>
    public int RunningLength => _runningLength;

    /// <summary>Completes once the match has stopped and its clients have been told.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>Completes once the match has stopped and every connection is closed.</summary>
    public Task EverybodyGone => _everybodyGone.Task;

    /// <summary>The seats of a match whose players have tickets; null where nobody has any. Set before the first client joins.</summary>
    public SeatTable? Seats { get; private set; }

    private bool MembersDecide => Seats is { MembersDecide: true };

    /// <summary>Whether anybody is connected for whom the match goes on.</summary>
    private bool HasPlayers => MembersDecide ? Seats!.AnyConnected : _clients.Count > 0;

    /// <summary>
    /// Limits the length that may be requested, and how long the match may stay open without a request. Does nothing once the match is
    /// open.
    /// </summary>
    public void Limit(TimeSpan longest)
    {
        lock (_gate)
        {
            if (_state == MatchState.Standby)
            {
                _longest = longest;
            }
        }
    }

    /// <summary>Starts the session. False when the server was stopped before.</summary>
    public bool TryOpen(SeatTable? seats)
    {
        lock (_gate)
        {
            if (_state != MatchState.Standby)
            {
                return false;
            }

            Seats = seats;
            _state = MatchState.Open;
            _openedAt = _time.GetTimestamp();
            _empty.Start(_limits.Empty);
            var margin = TimeSpan.FromSeconds(GameProtocol.OpenMarginSeconds);
            var longest = _longest > margin ? _longest.Value : margin;
            _end.Start(_longest is not null && longest < _limits.Open ? longest : _limits.Open);
            return true;
        }
    }

    /// <summary>Adds a client. False when the match is over.</summary>
    public bool TryJoin(IMatchClient client)
    {
        lock (_gate)
        {
            if (_state == MatchState.Stop)
            {
                return false;
            }

            _clients.Add(client);
            if (HasPlayers)
            {
                _empty.Stop();
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
            if (_state == MatchState.Stop)
            {
                return null;
            }

            var refusal = Seats!.Take(ticket, client, out seat, out displaced);
            if (refusal == TicketRefusal.None)
            {
                _clients.Add(client);
                _empty.Stop();
            }

            return refusal;
        }
    }

    /// <summary>The player leaves for good, before the connection is gone.</summary>
    public void GiveUpSeat(IMatchClient client)
    {
        lock (_gate)
        {
            if (Seats is null || !Seats.GiveUp(client) || HasPlayers)
            {
                return;
            }
        }

        OnPlayersGone();
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
            _clients.Remove(client);
            var wasPlayer = Seats?.Lose(client) == true || !MembersDecide;
            if (_state == MatchState.Stop && _clients.Count == 0)
            {
                _everybodyGone.TrySetResult();
            }

            if (!wasPlayer || HasPlayers || _state == MatchState.Stop)
            {
                return;
            }
        }

        OnPlayersGone();
    }

    /// <summary>
    /// The first request sets the length, as far as the limit allows, and moves the match to running; its caller then calls
    /// <see cref="AnnounceRunning"/>. False when the match was requested before, or is not for this client to request.
    /// </summary>
    /// <param name="seconds">The length.</param>
    /// <param name="requester">The client that asks. Where members decide, it must be one.</param>
    public bool TryRequest(double seconds, IMatchClient requester)
    {
        if (_state != MatchState.Open)
        {
            return false;
        }

        _acceptWaiting();
        int length;
        lock (_gate)
        {
            if (_state != MatchState.Open || (MembersDecide && !Seats!.IsMember(requester)))
            {
                return false;
            }

            seconds = Math.Min(seconds, LongestLength());

            // 0 means "not requested", so a fraction of a second counts as one.
            length = (int)Math.Ceiling(seconds);
            _runningLength = length;
            _state = MatchState.Running;
            _toldRunning = [.. _clients];
            _end.Start(TimeSpan.FromMilliseconds(Math.Ceiling(seconds * 1000)));
        }

        _log.Running(length);
        return true;
    }

    /// <summary>Tells every client that was connected when the match began to run, except the one whose request began it.</summary>
    public void AnnounceRunning(IMatchClient requester)
    {
        foreach (var client in Interlocked.Exchange(ref _toldRunning, []))
        {
            if (client != requester)
            {
                client.TellRunning();
            }
        }
    }

    /// <summary>Ends the match, whatever its state; a second call does nothing.</summary>
    public void Stop(string reason)
    {
        _acceptWaiting();
        IMatchClient[] told;
        lock (_gate)
        {
            if (_state == MatchState.Stop)
            {
                return;
            }

            _state = MatchState.Stop;
            _empty.End();
            _end.End();
            told = [.. _clients];
            if (told.Length == 0)
            {
                _everybodyGone.TrySetResult();
            }
        }

        _log.Stopped(reason);
        foreach (var client in told)
        {
            client.TellStop();
        }

        _stopped.TrySetResult();
    }

    /// <summary>In whole seconds, so that a client is told exactly the length that it gets.</summary>
    private double LongestLength()
    {
        if (_longest is not { } longest)
        {
            return GameProtocol.MaxMatchSeconds;
        }

        var left = longest + TimeSpan.FromSeconds(GameProtocol.OpenMarginSeconds) - _time.GetElapsedTime(_openedAt);
        return Math.Floor(Math.Min(longest.TotalSeconds, left.TotalSeconds));
    }

    private void OnPlayersGone()
    {
        _acceptWaiting();
        lock (_gate)
        {
            if (HasPlayers || _state is not (MatchState.Open or MatchState.Running))
            {
                return;
            }

            if (FindPatience() is { } patience)
            {
                _empty.Start(patience);
                return;
            }
        }

        Stop("the last client left");
    }

    /// <summary>How long the match goes on without players; null when it stops at once.</summary>
    private TimeSpan? FindPatience()
    {
        var isOpen = _state == MatchState.Open;
        if (!MembersDecide)
        {
            return isOpen ? _limits.Empty : null;
        }

        if (isOpen && (Seats!.AnyKept || Seats.AnyUntaken))
        {
            return _limits.Empty > Seats.Reconnect ? _limits.Empty : Seats.Reconnect;
        }

        return Seats!.AnyKept ? Seats.Reconnect : null;
    }

    private void OnEmptyTick()
    {
        _acceptWaiting();
        lock (_gate)
        {
            if (_state == MatchState.Stop || HasPlayers || !_empty.HasPassed)
            {
                return;
            }
        }

        Stop("nobody is connected");
    }

    private void OnEndTick()
    {
        string reason;
        lock (_gate)
        {
            if (!_end.HasPassed)
            {
                return;
            }

            reason = _state == MatchState.Open ? "nobody has requested the match" : "its length has passed";
        }

        Stop(reason);
    }
}
