using GameStack.ServiceDefaults.Timing;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Paces something that all matches need. While it succeeds, all go through at once. After a refusal that is not one match's own fault,
/// they wait, and one at a time tries again, after 0.5 s doubling to 5 s. Each success then lets twice as many try at once, until nobody
/// waits any more or 64 may. Thread-safe.
/// </summary>
internal sealed class RetryGate(TimeProvider time)
{
    /// <summary>When so many may try at once, all may.</summary>
    private const int Widest = 64;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>As long as an obstacle counts that is not met again (<see cref="FleetObstacles"/>).</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly ChangeSignal _changed = new();
    private string? _reason;
    private bool _isClosed;
    private bool _isHurried;
    private TimeSpan _pause;
    private long _pausedAt;
    private long _passedAt;
    private int _tries;
    private int _width = 1;
    private int _passes;
    private int _refusals;
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

    /// <summary>
    /// A turn at once, for a first try with something that the caller has got after it passed (<see cref="PassAsync"/>). The caller has to
    /// report its outcome, or to dispose it without a report.
    /// </summary>
    public Turn Enter()
    {
        lock (_lock)
        {
            _tries += _isClosed ? 1 : 0;
            return new Turn(this, isRetry: _isClosed, _refusals);
        }
    }

    /// <summary>Waits for a turn, whose outcome the caller has to report, or to dispose it without a report.</summary>
    /// <param name="isFirst">Goes before all others: the caller holds something that others would have to take in vain.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<Turn> EnterAsync(bool isFirst, CancellationToken cancellationToken) =>
        WaitAsync(isFirst, () => (TryEnter(isFirst, out var pause), pause), cancellationToken);

    /// <summary>Waits for a turn; null if something else is there first.</summary>
    /// <param name="other">Completes when there is something else.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Turn?> EnterUnlessAsync(Func<CancellationToken, Task> other, CancellationToken cancellationToken)
    {
        using var first = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var turn = EnterAsync(isFirst: false, first.Token);
        var otherwise = other(first.Token);
        await Task.WhenAny(turn, otherwise);
        await first.CancelAsync();
        await otherwise.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            return await turn;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>
    /// Waits until it is worth taking what a try needs, with which the caller then enters as one of the first. Holds up nobody meanwhile.
    /// As long as tries are refused, lets one pass after each pause, of 0.5 s at least, while few hold what they need.
    /// </summary>
    /// <param name="mostHeld">How many may hold what a try needs while tries are refused.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task PassAsync(int mostHeld, CancellationToken cancellationToken) =>
        WaitAsync(isFirst: false, () => (TryPass(mostHeld, out var pause), pause), cancellationToken);

    /// <summary>The next try may be made at once: what was lacking may be there.</summary>
    public void Hurry()
    {
        lock (_lock)
        {
            _isHurried = _isClosed;
        }

        _changed.Notify();
    }

    /// <summary>Says that what tries got has turned out to be of no use. Those that say so at once count as one refusal.</summary>
    public void Refuse(string reason)
    {
        lock (_lock)
        {
            if (!_isClosed || _width > 1)
            {
                Close(reason, isNews: true);
            }
        }

        _changed.Notify();
    }

    private async Task<Turn> WaitAsync(bool isFirst, Func<(Turn? Turn, TimeSpan Pause)> attempt, CancellationToken cancellationToken)
    {
        Wait(isFirst, 1);
        try
        {
            while (true)
            {
                var changed = _changed.Next;
                var (turn, pause) = attempt();
                if (turn is not null)
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
                return new Turn(this, isRetry: false, _refusals);
            }

            if (_tries >= _width || (!isFirst && _waitingFirst > 0))
            {
                return null;
            }

            pause = _pause - time.GetElapsedTime(_pausedAt);
            if (pause > TimeSpan.Zero && !_isHurried)
            {
                return null;
            }

            _tries++;
            _isHurried = false;
            return new Turn(this, isRetry: true, _refusals);
        }
    }

    /// <inheritdoc cref="TryEnter"/>
    private Turn? TryPass(int mostHeld, out TimeSpan pause)
    {
        lock (_lock)
        {
            pause = Timeout.InfiniteTimeSpan;
            if (_isClosed && _passes == 0)
            {
                if (_tries + _waitingFirst >= mostHeld)
                {
                    return null;
                }

                var since = Math.Max(_pausedAt, _passedAt);
                pause = (_pause < FirstPause ? FirstPause : _pause) - time.GetElapsedTime(since);
                if (pause > TimeSpan.Zero)
                {
                    return null;
                }

                (_passes, _passedAt) = (1, time.GetTimestamp());
            }

            _passes -= _isClosed ? 1 : 0;
            return new Turn(this, isRetry: false, _refusals);
        }
    }

    private void Leave(Turn turn, string? refusal, bool hasSucceeded)
    {
        lock (_lock)
        {
            _tries -= turn.IsRetry ? 1 : 0;
            var isNews = turn.Refusals == _refusals;
            if (refusal is not null)
            {
                Close(refusal, isNews);
            }
            else if (hasSucceeded && turn.IsRetry && isNews)
            {
                (_pause, _width) = (TimeSpan.Zero, _width * 2);
                _passes += _width;
                if (_waiting == 0 || _width >= Widest)
                {
                    (_isClosed, _reason, _width, _passes) = (false, null, 1, 0);
                }
            }
        }

        _changed.Notify();
    }

    /// <summary>Those who went through before this refusal are refused together with it, which counts as one refusal.</summary>
    private void Close(string refusal, bool isNews)
    {
        var next = isNews ? _pause * 2 : _pause;
        _pause = next < FirstPause ? FirstPause : next > LongestPause ? LongestPause : next;
        (_isClosed, _reason, _pausedAt, _width, _passes) = (true, refusal, time.GetTimestamp(), 1, 0);
        _refusals++;
    }

    /// <summary>The right to try once.</summary>
    internal sealed class Turn(RetryGate gate, bool isRetry, int refusals) : IDisposable
    {
        private bool _isOver;

        public bool IsRetry => isRetry;

        /// <summary>The number of refusals before it.</summary>
        public int Refusals => refusals;

        public void Succeeded() => End(refusal: null, hasSucceeded: true);

        public void Refused(string reason) => End(reason, hasSucceeded: false);

        public void Dispose() => End(refusal: null, hasSucceeded: false);

        private void End(string? refusal, bool hasSucceeded)
        {
            if (!_isOver)
            {
                _isOver = true;
                gate.Leave(this, refusal, hasSucceeded);
            }
        }
    }
}
