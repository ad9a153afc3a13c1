using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using GameStack.Contracts.Tickets;

namespace GameStack.GameServer.Sessions;

/// <summary>The match this server was given.</summary>
internal sealed record Session(Guid Id, Roster Players)
{
    /// <summary>How its players show who they are; null when they have no tickets.</summary>
    public TicketTerms? Tickets { get; init; }

    /// <summary>Reads what follows <c>ASSIGN</c>: <c>0b6e2a8e-… ["p1","p2"]</c>.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out Session? session)
    {
        session = null;
        var idEnd = text.IndexOf((byte)' ');
        if (idEnd >= 0
            && Utf8Parser.TryParse(text[..idEnd], out Guid id, out var used, 'D') && used == idEnd
            && Roster.TryParse(text[(idEnd + 1)..], out var players))
        {
            session = new Session(id, players);
        }

        return session is not null;
    }
}
