namespace GameStack.GameServer.Lines;

/// <summary>
/// The connections that have not shown who they are. They have a limited number of places and a limited time; where every place is taken,
/// the oldest makes room for a newcomer, so that strangers cannot keep others out by waiting. Thread-safe.
/// </summary>
internal sealed class WaitingRoom
{
    private readonly Func<int> _places;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly LinkedList<Entry> _entries = [];

    /// <param name="places">How many connections may wait now. If there is no place at all, one waits all the same.</param>
    /// <param name="patience">How long each of them may wait.</param>
    /// <param name="time">The clock.</param>
    public WaitingRoom(Func<int> places, TimeSpan patience, TimeProvider time)
    {
        (_places, _patience, _time) = (places, patience, time);
        _timer = time.CreateTimer(_ => OnTick(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Gives the connection a place, to be left with <see cref="Leave"/>. The caller hangs up on the connection that lost its own,
    /// outside of every lock that a connection may take.
    /// </summary>
    public LinkedListNode<Entry> Enter(LineConnection connection, out LineConnection? displaced)
    {
        lock (_gate)
        {
            displaced = _entries.Count > 0 && _entries.Count >= _places() ? RemoveOldest() : null;
            if (_entries.Count == 0)
            {
                _timer.Change(_patience, Timeout.InfiniteTimeSpan);
            }

            return _entries.AddLast(new Entry(connection, _time.GetTimestamp()));
        }
    }

    /// <summary>Does nothing when the place was lost already.</summary>
    public void Leave(LinkedListNode<Entry> place)
    {
        lock (_gate)
        {
            if (place.List is not null)
            {
                _entries.Remove(place);
            }
        }
    }

    private LineConnection RemoveOldest()
    {
        var oldest = _entries.First!.Value.Connection;
        _entries.RemoveFirst();
        return oldest;
    }

    private void OnTick()
    {
        List<LineConnection> expired = [];
        lock (_gate)
        {
            while (_entries.First is { Value: var entry })
            {
                var left = _patience - _time.GetElapsedTime(entry.Since);
                if (left > TimeSpan.Zero)
                {
                    // Timers tick some milliseconds early.
                    _timer.Change(left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                    break;
                }

                expired.Add(RemoveOldest());
            }
        }

        foreach (var connection in expired)
        {
            connection.Expire();
        }
    }

    /// <summary>A connection, and since when it waits, as a timestamp of the clock.</summary>
    internal sealed record Entry(LineConnection Connection, long Since);
}
