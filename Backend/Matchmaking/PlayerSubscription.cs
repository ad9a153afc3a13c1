using System.Threading.Channels;

namespace GameStack.Backend.Matchmaking;

/// <summary>One listener's view of a player's changes.</summary>
public sealed class PlayerSubscription : IDisposable
{
    private readonly PlayerWaiters _waiters;
    private readonly string _playerId;
    private readonly Channel<PlayerState> _channel;

    internal PlayerSubscription(PlayerWaiters waiters, string playerId, Channel<PlayerState> channel)
    {
        _waiters = waiters;
        _playerId = playerId;
        _channel = channel;
    }

    public ChannelReader<PlayerState> Changes => _channel.Reader;

    /// <summary>The next change, or null when none comes within <paramref name="wait"/>.</summary>
    public async Task<PlayerState?> NextAsync(TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await Changes.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose() => _waiters.Remove(_playerId, _channel);
}
