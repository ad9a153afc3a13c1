using GameStack.ServiceDefaults.Timing;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Paces something that all matches need. While it succeeds, all go through at once. After a refusal that is not one match's own fault,
/// they wait, and one at a time tries again, after 0.5 s doubling to 5 s, until there is a success and nobody waits any more. Thread-safe.
/// </summary>
internal sealed class RetryGate(TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>As long as an obstacle counts that is not met again (<see cref="FleetObstacles"/>).</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly ChangeSignal _changed = new();
    private string? _reason;
    private bool _isClosed;
    private bool _isTried;
    private bool _isHurried;
    private TimeSpan _pause;
    private long _pausedAt;
    private int _waiting;
    private int _waitingFirst;

    /// <summary>The last refusal; null while everybody goes through, or when nobody has tried again for a while.</summary>
    public string? Reason
    {
        get
        {
            lock (_lock)
            {
                return time.GetElapsedTime(_pausedAt) < Memory ? _reason : null;
            }
        }
    }

    /// <summary>Waits for a turn, whose outcome the caller has to report, or to dispose it without a report.</summary>
    /// <param name="isFirst">Goes before all others: the caller holds something that others would have to take in vain.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Turn> EnterAsync(bool isFirst, CancellationToken cancellationToken)
    {
        Wait(isFirst, 1);
        try
        {
            while (true)
            {
                var changed = _changed.Next;
                if (TryEnter(isFirst, out var pause) is { } turn)
                {
                    return turn;
                }

                using var limit = new TimeLimit(pause, time, cancellationToken);
                await changed.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            Wait(isFirst, -1);
        }
    }

    /// <summary>The next try may be made at once: what was lacking may be there.</summary>
    public void Hurry()
    {
        lock (_lock)
        {
            _isHurried = _isClosed;
        }

        _changed.Notify();
    }

    private void Wait(bool isFirst, int change)
    {
        lock (_lock)
        {
            _waiting += change;
            _waitingFirst += isFirst ? change : 0;
        }

        if (change < 0)
        {
            _changed.Notify();
        }
    }

    /// <summary>Null when it is not the caller's turn; then <paramref name="pause"/> is how long to wait if nothing changes.</summary>
    private Turn? TryEnter(bool isFirst, out TimeSpan pause)
    {
        lock (_lock)
        {
            pause = Timeout.InfiniteTimeSpan;
            if (!_isClosed)
            {
                return new Turn(this, isRetry: false);
            }

            if (_isTried || (!isFirst && _waitingFirst > 0))
            {
                return null;
            }

            pause = _pause - time.GetElapsedTime(_pausedAt);
            if (pause > TimeSpan.Zero && !_isHurried)
            {
                return null;
            }

            (_isTried, _isHurried) = (true, false);
            return new Turn(this, isRetry: true);
        }
    }

    private void Leave(bool wasRetry, string? refusal, bool hasSucceeded)
    {
        lock (_lock)
        {
            _isTried &= !wasRetry;
            if (refusal is not null)
            {
                // Those who went through before the gate closed are refused together, which counts as one refusal.
                var next = wasRetry ? _pause * 2 : FirstPause;
                _pause = next < FirstPause ? FirstPause : next > LongestPause ? LongestPause : next;
                (_isClosed, _reason, _pausedAt) = (true, refusal, time.GetTimestamp());
            }
            else if (hasSucceeded && wasRetry)
            {
                _pause = TimeSpan.Zero;
                if (_waiting == 0)
                {
                    (_isClosed, _reason) = (false, null);
                }
            }
        }

        _changed.Notify();
    }

    /// <summary>The right to try once.</summary>
    internal sealed class Turn(RetryGate gate, bool isRetry) : IDisposable
    {
        private bool _isOver;

        public void Succeeded() => End(refusal: null, hasSucceeded: true);

        public void Refused(string reason) => End(reason, hasSucceeded: false);

        public void Dispose() => End(refusal: null, hasSucceeded: false);

        private void End(string? refusal, bool hasSucceeded)
        {
            if (!_isOver)
            {
                _isOver = true;
                gate.Leave(isRetry, refusal, hasSucceeded);
            }
        }
    }
}
