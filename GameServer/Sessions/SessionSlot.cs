using GameStack.GameServer.Game;
using GameStack.GameServer.Matches;
using GameStack.GameServer.Seats;

namespace GameStack.GameServer.Sessions;

/// <summary>Room for one session. The first session to fill it has this server: that is the atomic claim.</summary>
internal sealed class SessionSlot(GamePort port, TimeProvider time, StateLog log)
{
    private readonly Lock _gate = new();
    private volatile Session? _current;

    public Session? Current => _current;

    public Match Match => port.Match;

    /// <summary>
    /// Opens the game port for <paramref name="session"/>. Returns the session that has the server now: the same id when this call or an
    /// earlier one assigned it, another id when the server is busy, null when it can have none: then call <see cref="GiveUp"/>.
    /// </summary>
    public Session? Assign(Session session)
    {
        lock (_gate)
        {
            if (_current is not null)
            {
                if (_current.Id == session.Id && session.Tickets is { } tickets)
                {
                    port.Match.Seats?.AddKeys(tickets.Keys);
                }

                return _current;
            }

            if (!port.Match.TryOpen(session.Tickets is { } terms ? new SeatTable(session, terms, time) : null))
            {
                return null;
            }

            if (!port.TryOpen(session.Players.Count))
            {
                return null;
            }

            _current = session;
            log.Opened(session);
            return session;
        }
    }

    /// <summary>Ends the process, whose port another process has, unless it ends anyway. The fleet must have been told before.</summary>
    public void GiveUp() => port.Match.Stop("another process listens on the game port");
}
