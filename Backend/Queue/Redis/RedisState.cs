namespace GameStack.Backend.Queue.Redis;

/// <summary>
/// Whether Redis serves this backend: its last writing script came through, and it is up to date. A connection alone proves nothing, since
/// a full Redis and a read-only replica accept connections too.
/// </summary>
internal sealed partial class RedisState(TimeProvider time, RedisAccess access, ILogger<RedisState> logger)
{
    private readonly Lock _lock = new();
    private string? _reason = "This backend has not reached Redis yet.";
    private long _lastWorked = time.GetTimestamp();
    private long _outageSince = time.GetTimestamp();
    private int _faults;
    private bool _lost;
    private bool _isFull;
    private bool _logged;
    private long? _refusedAt;

    public bool IsServing => Reason is null;

    public RedisAccess Access => access;

    /// <summary>Why Redis does not serve, in one sentence; null when it does.</summary>
    public string? Reason
    {
        get
        {
            lock (_lock)
            {
                return _reason;
            }
        }
    }

    /// <summary>Whether Redis does not serve because its memory is full: data can be read and deleted, but not added.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock)
            {
                return _isFull;
            }
        }
    }

    /// <summary>How long this backend has been without Redis, counted from the last script that came through.</summary>
    public TimeSpan Outage
    {
        get
        {
            lock (_lock)
            {
                return _reason is null ? TimeSpan.Zero : time.GetElapsedTime(_outageSince);
            }
        }
    }

    /// <summary>When Redis last refused a right to this backend's user; null if the user has all rights since then.</summary>
    public long? RefusedAt
    {
        get
        {
            lock (_lock)
            {
                return _refusedAt;
            }
        }
    }

    /// <summary>A writing script came through.</summary>
    public void Worked()
    {
        lock (_lock)
        {
            _lastWorked = time.GetTimestamp();
        }
    }

    /// <summary>A writing script failed, or the connection was lost. What was published meanwhile is missed.</summary>
    /// <param name="reason">Why, in one sentence.</param>
    /// <param name="isFull">Whether the reason is that the memory of Redis is full.</param>
    public void Failed(string reason, bool isFull = false) => Fault(reason, lost: false, isFull);

    /// <summary>Redis refused a right to this backend's user.</summary>
    public void Refused(string reason)
    {
        lock (_lock)
        {
            _refusedAt = time.GetTimestamp();
            Fault(reason, lost: false);
        }
    }

    /// <summary>This backend's user has all rights, as far as can be known.</summary>
    public void RightsGranted()
    {
        lock (_lock)
        {
            _refusedAt = null;
        }
    }

    /// <summary>Redis has lost data, even if its connection was never lost.</summary>
    public void Lost(string reason) => Fault(reason, lost: true);

    /// <summary>Begins to bring Redis up to date. Pass the result to <see cref="Returned"/>.</summary>
    public (int Faults, bool Lost) BeginReturn()
    {
        lock (_lock)
        {
            return (_faults, _lost);
        }
    }

    /// <summary>Redis has taken note of the loss: it is not to be reported again, even if this return fails later on.</summary>
    public void LossReported(int faults)
    {
        lock (_lock)
        {
            _lost &= faults != _faults;
        }
    }

    /// <summary>Redis is up to date, unless there was another fault since <see cref="BeginReturn"/>.</summary>
    public void Returned(int faults)
    {
        lock (_lock)
        {
            if (faults != _faults)
            {
                return;
            }

            (_reason, _lost, _isFull) = (null, false, false);
            access.Granted();
            if (_logged)
            {
                _logged = false;
                Log.ServesAgain(logger);
            }
        }
    }

    private void Fault(string reason, bool lost, bool isFull = false)
    {
        lock (_lock)
        {
            _faults++;
            _lost |= lost;
            if (_reason is null)
            {
                _outageSince = _lastWorked;
            }

            (_reason, _isFull) = (reason, isFull);
            if (!_logged)
            {
                _logged = true;
                Log.DoesNotServe(logger, reason);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ServesAgain, LogLevel.Information, "Redis is usable again, and up to date")]
        public static partial void ServesAgain(ILogger logger);

        [LoggerMessage(EventIds.DoesNotServe, LogLevel.Warning,
            "Redis is not usable; retrying, and matching in this backend's memory if that lasts: {Reason}")]
        public static partial void DoesNotServe(ILogger logger, string reason);
    }
}
