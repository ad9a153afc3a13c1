using System.Net;
using Microsoft.AspNetCore.Connections;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>
/// The connections that got no slot and stay open for a moment, to be answered. Where all their places are taken, the oldest makes room: a
/// connection that sends its call at once, as a probe does, gets its answer, however many others are silent. Thread-safe.
/// </summary>
/// <param name="mostPerAddress">The most places that one address may have.</param>
/// <param name="time">The clock.</param>
internal sealed class RefusedConnections(int mostPerAddress, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Slots _places = new(ListeningCapacity.Refusals, mostPerAddress);
    private readonly LinkedList<Entry> _open = [];

    /// <summary>Returns the connection, to be answered; null when it has to be closed at once, since its address has its part.</summary>
    public ConnectionContext? Take(ConnectionContext connection, IPAddress? address)
    {
        ConnectionContext? displaced = null;
        LinkedListNode<Entry> place;
        lock (_gate)
        {
            var outcome = _places.Take(address);
            if (outcome == SlotOutcome.Full && _open.First is { } oldest)
            {
                displaced = oldest.Value.Connection;
                Remove(oldest);
                outcome = _places.Take(address);
            }

            if (outcome == SlotOutcome.Taken)
            {
                place = _open.AddLast(new Entry(connection, address));
            }
            else
            {
                return null;
            }
        }

        displaced?.Abort(new ConnectionAbortedException("Another connection needs the place."));
        return new RefusedConnection.Context(connection, () => Leave(place), time);
    }

    private void Leave(LinkedListNode<Entry> place)
    {
        lock (_gate)
        {
            if (place.List is not null)
            {
                Remove(place);
            }
        }
    }

    private void Remove(LinkedListNode<Entry> place)
    {
        _open.Remove(place);
        _places.Release(place.Value.Address);
    }

    private sealed record Entry(ConnectionContext Connection, IPAddress? Address);
}
