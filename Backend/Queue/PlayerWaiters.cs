using System.Collections.Concurrent;
using System.Threading.Channels;

namespace GameStack.Backend.Queue;

/// <summary>
/// The calls that wait for a player's changes: long polls, event streams and joins. Subscribe first, then read the state, so that no change
/// is missed.
/// </summary>
public sealed class PlayerWaiters
{
    /// <summary>
    /// A call reads each change as it comes, so few are ever unread. An unbounded channel would make room for 32 at once, for each of the
    /// thousands of players who wait.
    /// </summary>
    private static readonly BoundedChannelOptions Unread = new(16) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true };

    private readonly ConcurrentDictionary<string, ImmutableWaiters> _waiters = new(StringComparer.Ordinal);

    /// <summary>Subscribes to every change of this player's state until the subscription is disposed.</summary>
    public PlayerSubscription Subscribe(string playerId)
    {
        var channel = Channel.CreateBounded<PlayerState>(Unread);
        _waiters.AddOrUpdate(playerId, static (_, c) => new([c]), static (_, waiters, c) => new([.. waiters.Channels, c]), channel);
        return new PlayerSubscription(this, playerId, channel);
    }

    public void Publish(MatchChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        foreach (var player in change.Players)
        {
            if (_waiters.TryGetValue(player, out var waiters))
            {
                foreach (var channel in waiters.Channels)
                {
                    channel.Writer.TryWrite(change.State);
                }
            }
        }
    }

    /// <summary>Has the calls that wait for these players ask the queue for the state.</summary>
    public void LookAgain(IReadOnlyCollection<string> players) => Publish(new MatchChange([.. players], PlayerState.Unknown));

    internal void Remove(string playerId, Channel<PlayerState> channel)
    {
        while (_waiters.TryGetValue(playerId, out var waiters))
        {
            var left = new ImmutableWaiters([.. waiters.Channels.Where(c => c != channel)]);
            var done = left.Channels.Length == 0
                ? _waiters.TryRemove(KeyValuePair.Create(playerId, waiters))
                : _waiters.TryUpdate(playerId, left, waiters);
            if (done)
            {
                return;
            }
        }
    }

    /// <summary>Compared by reference, as the dictionary's compare-and-swap requires.</summary>
    private sealed class ImmutableWaiters(Channel<PlayerState>[] channels)
    {
        public Channel<PlayerState>[] Channels { get; } = channels;
    }
}
