using System.Collections.Concurrent;

namespace GameStack.Backend.Queue;

/// <summary>
/// The players whom this backend has heard of lately: by a poll, or by a call that still waits. They are passed on to the queue in batches,
/// each player at most once in <see cref="Interval"/>.
/// </summary>
internal sealed class PlayerSigns(CurrentRules rules, TimeProvider time)
{
    /// <summary>The shortest time between two reports of the same player to the queue. A call that waits gives a sign this often.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, long> _lastSign = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _untold = new();

    public void Hear(string playerId)
    {
        var now = time.GetTimestamp();
        while (true)
        {
            if (!_lastSign.TryGetValue(playerId, out var last))
            {
                if (_lastSign.TryAdd(playerId, now))
                {
                    break;
                }
            }
            else if (time.GetElapsedTime(last, now) < Interval)
            {
                return;
            }
            else if (_lastSign.TryUpdate(playerId, now, last))
            {
                break;
            }
        }

        _untold.Enqueue(playerId);
    }

    /// <summary>Whether the player has been heard of here within the time after which players count as silent.</summary>
    public bool IsHeard(string playerId) =>
        _lastSign.TryGetValue(playerId, out var last) && time.GetElapsedTime(last) < rules.Value.Silence;

    /// <summary>Takes the players of whom the queue has not been told yet.</summary>
    public IReadOnlyList<string> Take(int max)
    {
        var players = new List<string>();
        while (players.Count < max && _untold.TryDequeue(out var player))
        {
            players.Add(player);
        }

        return players;
    }

    /// <summary>Forgets the players who have become silent.</summary>
    public void Prune()
    {
        foreach (var (player, last) in _lastSign)
        {
            if (time.GetElapsedTime(last) >= rules.Value.Silence)
            {
                _lastSign.TryRemove(new(player, last));
            }
        }
    }
}
