using System.Diagnostics.CodeAnalysis;
using GameStack.Contracts.Tickets;

namespace GameStack.Proxy.Gateway;

/// <summary>Decides which tickets lead to a game server.</summary>
internal interface ITicketCheck
{
    /// <param name="text">The ticket's text.</param>
    /// <param name="ticket">The ticket, when it counts.</param>
    /// <param name="refusal">Why the ticket does not count.</param>
    bool TryRead(ReadOnlySpan<byte> text, [NotNullWhen(true)] out MatchTicket? ticket, out TicketRefusal refusal);
}
