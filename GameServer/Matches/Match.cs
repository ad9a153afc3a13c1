using GameStack.Contracts.Lines;

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

    /// <summary>Runs while no client is connected.</summary>
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
    public bool TryOpen()
    {
        lock (_gate)
        {
            if (_state != MatchState.Standby)
            {
                return false;
            }

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
            _empty.Stop();
            return true;
        }
    }

    /// <summary>
    /// Removes a client whose connection is gone. The last client to leave a running match ends it; an open match waits for others.
    /// </summary>
    public void Leave(IMatchClient client)
    {
        lock (_gate)
        {
            _clients.Remove(client);
            if (_clients.Count > 0)
            {
                return;
            }

            if (_state == MatchState.Stop)
            {
                _everybodyGone.TrySetResult();
                return;
            }
        }

        _acceptWaiting();
        lock (_gate)
        {
            if (_clients.Count > 0)
            {
                return;
            }

            if (_state == MatchState.Open)
            {
                _empty.Start(_limits.Empty);
            }

            if (_state != MatchState.Running)
            {
                return;
            }
        }

        Stop("the last client left");
    }

    /// <summary>
    /// The first request sets the length, as far as the limit allows, and moves the match to running; its caller then calls
    /// <see cref="AnnounceRunning"/>. False when the match was requested before.
    /// </summary>
    public bool TryRequest(double seconds)
    {
        if (_state != MatchState.Open)
        {
            return false;
        }

        _acceptWaiting();
        int length;
        lock (_gate)
        {
            if (_state != MatchState.Open)
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

    private void OnEmptyTick()
    {
        _acceptWaiting();
        lock (_gate)
        {
            if (_state != MatchState.Open || _clients.Count > 0 || !_empty.HasPassed)
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
