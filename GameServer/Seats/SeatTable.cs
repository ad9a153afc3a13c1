using System.Diagnostics.CodeAnalysis;
using System.Text;
using GameStack.Contracts.Tickets;
using GameStack.GameServer.Matches;
using GameStack.GameServer.Sessions;

namespace GameStack.GameServer.Seats;

/// <summary>
/// The seats of a match whose players have tickets. A <em>member</em> is a connection that has a seat; any other is a guest's. Guarded by
/// the match's gate, except for <see cref="Read"/> and <see cref="AddKeys"/>.
/// </summary>
internal sealed class SeatTable
{
    private readonly Session _session;
    private readonly TicketTerms _terms;
    private readonly TimeProvider _time;
    private readonly Seat[] _seats;
    private volatile TicketReader _reader;
    private IReadOnlyList<TicketKey> _keys;
    private bool _hadMembers;

    public SeatTable(Session session, TicketTerms terms, TimeProvider time)
    {
        (_session, _terms, _time, _keys) = (session, terms, time, terms.Keys);
        _seats = [.. session.Players.ReadNames().Select((player, i) => new Seat(i, player))];
        _reader = new TicketReader(_keys, terms.ClockSkew);
    }

    /// <summary>Whether only members may stay.</summary>
    public bool IsRequired => _terms.Required;

    public int Count => _seats.Length;

    public TimeSpan Reconnect => _terms.Reconnect;

    /// <summary>Whether only members have a say in the match's length and end: always, or since the first member came.</summary>
    public bool MembersDecide => IsRequired || _hadMembers;

    public bool AnyConnected => Array.Exists(_seats, seat => seat.Client is not null);

    /// <summary>Whether a seat is kept for a player whose connection was lost.</summary>
    public bool AnyKept => Array.Exists(_seats, seat => seat.LostAt is { } lost && _time.GetElapsedTime(lost) < Reconnect);

    /// <summary>Whether a player has not come yet.</summary>
    public bool AnyUntaken => Array.Exists(_seats, seat => !seat.WasTaken);

    /// <summary>Checks that a ticket is for this match, this server and one of its players. Thread-safe.</summary>
    public TicketRefusal Read(ReadOnlySpan<byte> token, out MatchTicket? ticket)
    {
        if (!_reader.TryRead(token, _time.GetUtcNow(), out ticket, out var refusal))
        {
            return refusal;
        }

        return ticket.MatchId != _session.Id ? TicketRefusal.WrongMatch
            : ticket.Server != _terms.Server ? TicketRefusal.WrongServer
            : Find(ticket.Player) is null ? TicketRefusal.WrongPlayer
            : TicketRefusal.None;
    }

    /// <summary>Uses up a ticket that was read here, and gives its player's seat to the connection.</summary>
    /// <param name="ticket">The ticket.</param>
    /// <param name="client">The connection.</param>
    /// <param name="seat">The player's seat.</param>
    /// <param name="previous">The player's connection that had the seat until now, if there is one.</param>
    public TicketRefusal Take(MatchTicket ticket, IMatchClient client, out Seat seat, out IMatchClient? previous)
    {
        previous = null;
        seat = Find(ticket.Player)!;
        if (TryFind(client, out var other) && other != seat)
        {
            return TicketRefusal.Seated;
        }

        var refusal = seat.Use(ticket, _reader.EndOf(ticket), _time.GetUtcNow());
        if (refusal == TicketRefusal.None)
        {
            _hadMembers = true;
            previous = seat.Take(client);
        }

        return refusal;
    }

    public bool IsMember(IMatchClient client) => TryFind(client, out _);

    /// <summary>Keeps the seat of a connection that is lost. False when it had no seat.</summary>
    public bool Lose(IMatchClient client)
    {
        if (!TryFind(client, out var seat))
        {
            return false;
        }

        seat.Lose(_time.GetTimestamp());
        return true;
    }

    /// <summary>The player leaves the match. False when the connection had no seat.</summary>
    public bool GiveUp(IMatchClient client)
    {
        if (!TryFind(client, out var seat))
        {
            return false;
        }

        seat.GiveUp();
        return true;
    }

    /// <summary>All seats as the game protocol lists them.</summary>
    public string Describe()
    {
        var text = new StringBuilder($"ROSTER {_seats.Length}\n");
        foreach (var seat in _seats)
        {
            var presence = seat.Client is null ? "absent" : "connected";
            text.Append("SEAT ").Append(seat.Number).Append(' ').Append(presence).Append(' ').Append(seat.Player).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>
    /// Another backend has assigned the same match again, and signs with keys of its own: a backend died between this server and the
    /// queue, in the middle of a rotation. Thread-safe.
    /// </summary>
    public void AddKeys(IEnumerable<TicketKey> keys)
    {
        lock (_seats)
        {
            TicketKey[] added = [.. keys.Where(key => _keys.All(known => known.Id != key.Id))];
            if (added.Length > 0)
            {
                _keys = [.. _keys, .. added];
                _reader = new TicketReader(_keys, _terms.ClockSkew);
            }
        }
    }

    private Seat? Find(string player) => Array.Find(_seats, seat => seat.Player == player);

    private bool TryFind(IMatchClient client, [NotNullWhen(true)] out Seat? seat) =>
        (seat = Array.Find(_seats, seat => seat.Client == client)) is not null;
}
