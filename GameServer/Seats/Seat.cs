using GameStack.Contracts.Tickets;
using GameStack.GameServer.Matches;

namespace GameStack.GameServer.Seats;

/// <summary>A player's place in the match. Guarded by the match's gate.</summary>
/// <param name="number">The seat's number, starting at 0.</param>
/// <param name="player">The player whose seat it is, whether or not the player has come.</param>
internal sealed class Seat(int number, string player)
{
    /// <summary>
    /// The most tickets that a player may use before the first of them is no longer valid. Each used ticket is remembered for as long.
    /// </summary>
    private const int MostTickets = 128;

    private readonly List<UsedTicket> _used = [];

    /// <summary>When the ticket was issued that gave the seat to <see cref="Client"/>.</summary>
    private DateTimeOffset _issuedAt;

    public int Number { get; } = number;

    public string Player { get; } = player;

    /// <summary>The player's connection; null while there is none.</summary>
    public IMatchClient? Client { get; private set; }

    /// <summary>Whether the player has come at least once.</summary>
    public bool WasTaken { get; private set; }

    /// <summary>When the connection was lost, as a timestamp of the clock; null when there is one, or the player has left.</summary>
    public long? LostAt { get; private set; }

    /// <summary>Counts a ticket as used, which is possible only once, and not against the connection of a later ticket.</summary>
    public TicketRefusal Use(MatchTicket ticket, DateTimeOffset validUntil, DateTimeOffset now)
    {
        if (validUntil <= now)
        {
            return TicketRefusal.Expired; // Since it was read; that it was used may be forgotten.
        }

        _used.RemoveAll(used => used.ValidUntil <= now);
        if (_used.Exists(used => used.Id == ticket.Id))
        {
            return TicketRefusal.Replayed;
        }

        // Only while the later ticket's connection lives: the clocks of two backends differ, and the player has to be able to come back.
        if (Client is not null && ticket.IssuedAt < _issuedAt)
        {
            return TicketRefusal.Superseded;
        }

        if (_used.Count >= MostTickets)
        {
            return TicketRefusal.TooMany;
        }

        _used.Add(new UsedTicket(ticket.Id, validUntil));
        _issuedAt = ticket.IssuedAt;
        return TicketRefusal.None;
    }

    /// <summary>Gives the seat to a connection, and returns the one that had it before.</summary>
    public IMatchClient? Take(IMatchClient client)
    {
        var previous = Client;
        (Client, WasTaken, LostAt) = (client, true, null);
        return previous == client ? null : previous;
    }

    public void Lose(long timestamp) => (Client, LostAt) = (null, timestamp);

    public void GiveUp() => (Client, LostAt) = (null, null);

    private sealed record UsedTicket(string Id, DateTimeOffset ValidUntil);
}
