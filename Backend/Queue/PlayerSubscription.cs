using System.Threading.Channels;
using GameStack.ServiceDefaults.Timing;

namespace GameStack.Backend.Queue;

/// <summary>One listener's subscription to a player's changes.</summary>
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
    public Task<PlayerState?> NextAsync(TimeSpan wait, TimeProvider time, CancellationToken cancellationToken) =>
        NextAsync(_ => true, wait, time, cancellationToken);

    /// <summary>The next change of this match, or null when none comes within <paramref name="wait"/>.</summary>
    public Task<PlayerState?> NextAsync(Guid matchId, TimeSpan wait, TimeProvider time, CancellationToken cancellationToken) =>
        NextAsync(state => state.MatchId == matchId, wait, time, cancellationToken);

    public void Dispose() => _waiters.Remove(_playerId, _channel);

    private async Task<PlayerState?> NextAsync(
        Predicate<PlayerState> isMeant, TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(wait, time, cancellationToken);
        try
        {
            while (true)
            {
                var state = await Changes.ReadAsync(limit.Token);
                if (isMeant(state))
                {
                    return state;
                }
            }
        }
        catch (OperationCanceledException) when (limit.HasExpired)
        {
            return null;
        }
    }
}
