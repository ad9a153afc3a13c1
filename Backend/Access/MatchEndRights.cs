using System.Text;
using GameStack.Backend.Api;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;
using GameStack.Backend.Tickets;
using GameStack.Contracts.Api;
using GameStack.Contracts.Tickets;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GameStack.Backend.Access;

/// <summary>Decides who may end a match: operators, the match's own players, or anyone where the settings say so.</summary>
internal sealed class MatchEndRights(
    PlayerIdentity players, TicketSigner tickets, IMatchQueue queue, IMatchRecords records, TimeProvider time)
{
    /// <summary>Returns who ends the match, for its record (<see cref="EndedBy"/>), or else why this caller may not.</summary>
    /// <exception cref="DependencyUnavailableException">The token cannot be checked, and the call has no ticket that counts.</exception>
    public async ValueTask<(string EndedBy, ProblemHttpResult? Refusal)> CheckAsync(HttpContext context, Guid matchId)
    {
        if (Caller.Find(context) is { Kind: CallerKind.Operator, Name: var name })
        {
            return (EndedBy.Operator(name), null);
        }

        var refusal = TicketRefusal.NoTicket;
        if (context.Request.Headers.TryGetValue(CredentialHeaders.MatchTicket, out var shown)
            && tickets.Reader.TryRead(Encoding.UTF8.GetBytes(shown.ToString()), time.GetUtcNow(), out var ticket, out refusal))
        {
            if (ticket.MatchId == matchId)
            {
                return (EndedBy.Player(ticket.Player), null);
            }

            refusal = TicketRefusal.WrongMatch;
        }

        var caller = Caller.Of(context);
        if (players.Of(context) is { } player && await IsPlayerAsync(player, matchId, context.RequestAborted))
        {
            return (EndedBy.Player(player), null);
        }

        if (caller is { Kind: CallerKind.Refused, MayOperate: false })
        {
            return ("", Problems.WrongCredential(context.Response));
        }

        return caller.MayOperate ? (EndedBy.Anyone, null) : ("", refusal switch
        {
            TicketRefusal.NoTicket when caller.Kind == CallerKind.Stranger => Problems.NoCredential(context.Response),
            TicketRefusal.NoTicket or TicketRefusal.WrongMatch => Problems.OthersMatch(),
            _ => Problems.WrongTicket(context.Response, refusal),
        });
    }

    private async ValueTask<bool> IsPlayerAsync(string player, Guid matchId, CancellationToken cancellationToken) =>
        (await queue.FindAsync(player, cancellationToken)).MatchId == matchId
        || (await records.FindAsync(matchId, cancellationToken))?.Players.Contains(player, StringComparer.Ordinal) == true;
}
