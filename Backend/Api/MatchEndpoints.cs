using System.Diagnostics;
using System.Globalization;
using System.Net.Mime;
using GameStack.Backend.Access;
using GameStack.Backend.Matches;
using GameStack.Backend.Queue;
using GameStack.Backend.Tickets;
using GameStack.Contracts.Api;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace GameStack.Backend.Api;

/// <summary>The routes that players call. The proxy prefixes each route with <c>/api</c>.</summary>
internal static class MatchEndpoints
{
    public const string EventsPath = Prefix + Events;

    private const string Prefix = "/match";
    private const string Events = "/events";

    /// <summary>The longest a status call may wait for a change, in seconds.</summary>
    private const double LongestWait = 30;

    public static IEndpointRouteBuilder MapMatchEndpoints(this IEndpointRouteBuilder routes)
    {
        var identity = routes.ServiceProvider.GetRequiredService<PlayerIdentity>();
        var group = routes.MapGroup(Prefix).WithTags("Match");

        group.MapPost("/join", JoinAsync).WithName("JoinMatch")
            .WithSummary("Queue a player")
            .WithDescription(
                "Returns the match if one is ready, with a ticket for its server; otherwise `pending:<player id>`. " +
                "Then follow `/match/status` or `/match/events`. " +
                "A player who joins again while waiting keeps the place in the queue, at any backend. " +
                "A join during a live match returns that match. A join after a match, or after leaving, goes to the end of the queue. " +
                "If the connection breaks before the answer, join again: both calls count as one. " +
                "503 with `Retry-After`: no servers are available for new players, or a dependency is unavailable.")
            .OnlyForPlayers(identity)
            .WithPlayerBody()
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        group.MapPost("/leave", LeaveAsync).WithName("LeaveQueue")
            .WithSummary("Leave the queue")
            .WithDescription("Removes the player from the queue, or from a match that has no server yet. " +
                "That match continues without the player. " +
                "Leaving twice, without having joined, or after the match is not an error. A player in a live match stays in it (409).")
            .OnlyForPlayers(identity)
            .WithPlayerBody()
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        group.MapGet("/status", StatusAsync).WithName("GetStatus")
            .WithSummary("Get a player's status")
            .WithDescription("Returns `pending`, `matched` with the server's address and a fresh ticket, or `ended`. " +
                "Players whose match gets no server stay `pending`, at the head of the queue. " +
                "A match whose server is lost has `ended`. 404 for a player who never joined, has left, or was silent for too long. " +
                "With `wait` (seconds, at most 30), the call waits for a change while the player is `pending`. " +
                "When more than three calls wait for a player, the oldest answers at once.")
            .OnlyForPlayers(identity)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        group.MapGet(Events, EventsAsync).WithName("FollowStatus")
            .WithSummary("Follow a player (server-sent events)")
            .WithDescription("Sends an event `status` with the data of `/match/status` at once, at every change, and every 15 s. " +
                "The stream ends after `ended` or `left`. A browser then opens it again, with the id of the last event in " +
                "`Last-Event-ID`, and gets 204, which makes it stop, unless the player has joined again. " +
                "When more than three calls wait for a player, the oldest ends.")
            .OnlyForPlayers(identity)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        group.MapPost("/{session_id}/end", EndAsync).WithName("EndMatch")
            .WithSummary("End a match")
            .WithDescription("Ends the match and its server. " +
                "Ending a match twice, on several backends, or after its server ended is not an error. " +
                "Operators may end every match (header `Operator-Key`, or a token), and players their own: with their token, or with a " +
                "ticket in the header `Match-Ticket`. With the development defaults, everyone with the id may. " +
                "404 for a match that never existed, has no server yet, or is no longer kept.")
            .IdentifyOperatorUnlessTicket()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        return routes;
    }

    private static RouteHandlerBuilder WithPlayerBody(this RouteHandlerBuilder route) => route
        .Accepts<JoinRequest>(MediaTypeNames.Application.Json)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

    private static async Task<Results<Ok<JoinResponse>, ProblemHttpResult>> JoinAsync(
        HttpRequest request, Lobby lobby, TicketSigner tickets, HttpResponse response, CancellationToken cancellationToken)
    {
        var body = await PlayerBody.ReadAsync(request, cancellationToken);
        if (!body.IsValid)
        {
            return body.Problem;
        }

        var outcome = await lobby.JoinAsync(body.PlayerId, Activity.Current?.Id ?? "", cancellationToken);
        return outcome.RetryAfter is { } pause
            ? Problems.NoServers(response, pause)
            : TypedResults.Ok(outcome.State.ToJoinResponse(body.PlayerId, tickets));
    }

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> LeaveAsync(HttpRequest request, IMatchQueue queue)
    {
        var body = await PlayerBody.ReadAsync(request, request.HttpContext.RequestAborted);
        if (!body.IsValid)
        {
            return body.Problem;
        }

        var outcome = await queue.LeaveAsync(body.PlayerId, CancellationToken.None);
        return outcome.LiveMatch is { } match
            ? Problems.InLiveMatch(match)
            : TypedResults.Ok(new StatusResponse { Status = MatchStatus.Left });
    }

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> StatusAsync(
        string? player_id, string? wait, HttpContext context, PlayerIdentity identity, PlayerLookup players, TicketSigner tickets,
        CancellationToken cancellationToken)
    {
        if (!identity.TryResolve(context, player_id, out var player, out var problem))
        {
            return problem;
        }

        var seconds = 0d;
        if (wait is not null
            && (!double.TryParse(wait, NumberStyles.Float, CultureInfo.InvariantCulture, out seconds)
                || !double.IsFinite(seconds) || seconds < 0 || seconds > LongestWait))
        {
            return Problems.BadWait(LongestWait);
        }

        var state = await players.FindAsync(player, TimeSpan.FromSeconds(seconds), cancellationToken);
        return state.Phase == PlayerPhase.Unknown ? Problems.UnknownPlayer() : TypedResults.Ok(state.ToResponse(player, tickets));
    }

    private static async Task<Results<ServerSentEventsResult<StatusResponse>, NoContent, ProblemHttpResult>> EventsAsync(
        string? player_id,
        [FromHeader(Name = "Last-Event-ID")] string? lastEventId,
        HttpContext context,
        PlayerIdentity identity,
        PlayerLookup players,
        TicketSigner tickets,
        CancellationToken cancellationToken)
    {
        if (!identity.TryResolve(context, player_id, out var player, out var problem))
        {
            return problem;
        }

        var state = await players.FindAsync(player, TimeSpan.Zero, cancellationToken);
        if (StatusEvents.HaveEnded(state.ToResponse(player, tickets), lastEventId))
        {
            return TypedResults.NoContent();
        }

        return state.Phase == PlayerPhase.Unknown
            ? Problems.UnknownPlayer()
            : TypedResults.ServerSentEvents(
                players.FollowAsync(player, identity.ExpiryOf(context), cancellationToken).Select(StatusEvents.Of));
    }

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> EndAsync(
        string session_id, MatchEnder matches, MatchEndRights rights, HttpContext context)
    {
        if (!Guid.TryParseExact(session_id, "D", out var matchId))
        {
            return Problems.BadSessionId();
        }

        var (endedBy, refusal) = await rights.CheckAsync(context, matchId);
        if (refusal is not null)
        {
            return refusal;
        }

        switch (await matches.EndAsync(matchId, endedBy, CancellationToken.None))
        {
            case EndOutcome.Unknown or EndOutcome.NotStarted:
                return Problems.UnknownMatch();
            case EndOutcome.NotKnownYet:
                return Problems.DependencyUnavailable(context.Response, DependencyUnavailableException.UsualRetryAfter);
            default:
                return TypedResults.Ok(new StatusResponse { Status = MatchStatus.Ended, SessionId = matchId.ToString() });
        }
    }
}
