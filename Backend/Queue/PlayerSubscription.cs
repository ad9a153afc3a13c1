using System.Threading.Channels;

namespace GameStack.Backend.Queue;

/// <summary>One listener's subscription to a player's changes.</summary>
public sealed class PlayerSubscription : IDisposable
{
    private readonly PlayerWaiters _waiters;
    private readonly string _playerId;
    private readonly Channel<PlayerState> _channel;

    /// <summary>The pending wait for a change, which outlives the calls that wait no longer: the channel would keep each one.</summary>
    private Task<bool>? _readable;

    internal PlayerSubscription(PlayerWaiters waiters, string playerId, Channel<PlayerState> channel)
    {
        _waiters = waiters;
        _playerId = playerId;
        _channel = channel;
    }

    public ChannelReader<PlayerState> Changes => _channel.Reader;

    /// <summary>The next change, or null when none comes within <paramref name="wait"/>.</summary>
    public Task<PlayerState?> NextAsync(TimeSpan wait, TimeProvider time, CancellationToken cancellationToken) =>
        NextAsync(_ => true, wait, time, cancellationToken);

    /// <summary>The next change of this match, or null when none comes within <paramref name="wait"/>.</summary>
    public Task<PlayerState?> NextAsync(Guid matchId, TimeSpan wait, TimeProvider time, CancellationToken cancellationToken) =>
        NextAsync(state => state.MatchId == matchId, wait, time, cancellationToken);

    public void Dispose() => _waiters.Remove(_playerId, _channel);

    private async Task<PlayerState?> NextAsync(
        Predicate<PlayerState> isMeant, TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        while (true)
        {
            while (Changes.TryRead(out var state))
            {
                if (isMeant(state))
                {
                    return state;
                }
            }

            var left = wait - time.GetElapsedTime(begun);
            if (left <= TimeSpan.Zero)
            {
                return null;
            }

            // Most waits end without a change, which must not cost an exception.
            _readable ??= Changes.WaitToReadAsync(CancellationToken.None).AsTask();
            Task wake = _readable.WaitAsync(left, time, cancellationToken);
            await wake.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (_readable.IsCompleted)
            {
                _readable = null;
            }
        }
    }
}
