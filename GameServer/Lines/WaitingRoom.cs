using System.Net;
using System.Net.Sockets;

namespace GameStack.GameServer.Lines;

/// <summary>
/// The connections that have not shown who they are. They have a limited number of places and a limited time; where every place is taken,
/// the oldest makes room for a newcomer, so that strangers cannot keep others out by waiting. A newcomer whose address has a quarter of
/// the places takes that of its own address's oldest, so that one address cannot keep others out by hurrying. Thread-safe.
/// </summary>
internal sealed class WaitingRoom
{
    private readonly Func<int> _places;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly LinkedList<Entry> _entries = [];
    private readonly AddressCounts _addresses = new();

    /// <param name="places">How many connections may wait now. If there is no place at all, one waits all the same.</param>
    /// <param name="patience">How long each of them may wait.</param>
    /// <param name="time">The clock.</param>
    public WaitingRoom(Func<int> places, TimeSpan patience, TimeProvider time)
    {
        (_places, _patience, _time) = (places, patience, time);
        _timer = time.CreateTimer(_ => OnTick(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Gives the connection a place, to be left with <see cref="Leave"/>. The caller displaces the connection that lost its own
    /// (<see cref="LineConnection.Displace"/>), outside of every lock that a connection may take.
    /// </summary>
    /// <param name="connection">The newcomer.</param>
    /// <param name="address">See <see cref="AddressCounts.KeyOf(Socket)"/>.</param>
    /// <param name="displaced">The connection that lost its place.</param>
    public LinkedListNode<Entry> Enter(LineConnection connection, IPAddress address, out LineConnection? displaced)
    {
        lock (_gate)
        {
            displaced = null;
            if (_places() is var places && _entries.Count > 0 && _entries.Count >= places)
            {
                var isGreedy = _addresses.Of(address) >= Math.Max(1, places / 4);
                displaced = Remove(isGreedy ? OldestOf(address) : _entries.First!);
            }

            _addresses.Add(address);
            if (_entries.Count == 0)
            {
                _timer.Change(_patience, Timeout.InfiniteTimeSpan);
            }

            return _entries.AddLast(new Entry(connection, address, _time.GetTimestamp()));
        }
    }

    /// <summary>Does nothing when the place was lost already.</summary>
    public void Leave(LinkedListNode<Entry> place)
    {
        lock (_gate)
        {
            if (place.List is not null)
            {
                Remove(place);
            }
        }
    }

    private LinkedListNode<Entry> OldestOf(IPAddress address)
    {
        var place = _entries.First!;
        while (!place.Value.Address.Equals(address))
        {
            place = place.Next!;
        }

        return place;
    }

    private LineConnection Remove(LinkedListNode<Entry> place)
    {
        _entries.Remove(place);
        _addresses.Remove(place.Value.Address);
        return place.Value.Connection;
    }

    private void OnTick()
    {
        List<LineConnection> expired = [];
        lock (_gate)
        {
            while (_entries.First is { } oldest)
            {
                var left = _patience - _time.GetElapsedTime(oldest.Value.Since);
                if (left > TimeSpan.Zero)
                {
                    // Timers tick some milliseconds early.
                    _timer.Change(left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                    break;
                }

                expired.Add(Remove(oldest));
            }
        }

        foreach (var connection in expired)
        {
            connection.Expire();
        }
    }

    /// <summary>A connection, its address, and since when it waits, as a timestamp of the clock.</summary>
    internal sealed record Entry(LineConnection Connection, IPAddress Address, long Since);
}
