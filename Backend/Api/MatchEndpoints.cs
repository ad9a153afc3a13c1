using System.Diagnostics;
using GameStack.Backend.Matches;
using GameStack.Backend.Queue;
using GameStack.Contracts;
using GameStack.Contracts.Api;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GameStack.Backend.Api;

/// <summary>The routes that players call. The proxy prefixes each route with <c>/api</c>.</summary>
internal static class MatchEndpoints
{
    /// <summary>The longest a status call may wait for a change, in seconds.</summary>
    private const double LongestWait = 30;

    public static IEndpointRouteBuilder MapMatchEndpoints(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/match").WithTags("Match");

        group.MapPost("/join", JoinAsync).WithName("JoinMatch")
            .WithSummary("Queue a player")
            .WithDescription(
                "Answers the match when one is ready, else a ticket (`pending:<player id>`); follow `/match/status` or `/match/events` then. " +
                "Joining again while waiting keeps the place in the queue, however often and at whichever backend; joining while in a live match answers " +
                "that match (reconnect); after a match or after leaving it goes to the end of the queue. A join whose connection was dropped may have " +
                "counted: join again. 503 with `Retry-After`: matches get no servers at present, so new players are not queued; or a dependency is unavailable.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        group.MapPost("/leave", LeaveAsync).WithName("LeaveQueue")
            .WithSummary("Give up waiting")
            .WithDescription("Takes the player out of the queue, also while the match is being given a server, which then goes on without the player. " +
                "Saying it twice, without having joined, or after the match is no error. A player who is in a live match stays in it (409).")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        group.MapGet("/status", StatusAsync).WithName("GetStatus")
            .WithSummary("Where a player stands")
            .WithDescription("`pending`, `matched` with the server's address, or `ended`. A match that gets no server keeps its players `pending`, at the head of the " +
                "queue; a match whose server is lost has `ended`. 404 for a player who never joined or has left. With `wait` (seconds, at most 30) the answer to `pending` waits for a change.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        group.MapGet("/events", EventsAsync).WithName("FollowStatus")
            .WithSummary("Follow a player (server-sent events)")
            .WithDescription("An event `status` with the data of `/match/status`: at once, at every change, and every 15 s; the stream ends after `ended`.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        group.MapPost("/{session_id}/end", EndAsync).WithName("EndMatch")
            .WithSummary("End a match")
            .WithDescription("Ends the match and its server. Saying it twice, at once on several backends, or after the server ended by itself, is no error. " +
                "The id is the permission: whoever knows it may end the match, and only its players and operators are told it. 404 for a match that never was.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        return routes;
    }

    private static async Task<Results<Ok<JoinResponse>, ProblemHttpResult>> JoinAsync(
        JoinRequest request, Lobby lobby, HttpResponse response, CancellationToken cancellationToken)
    {
        if (!PlayerId.IsValid(request.PlayerId))
        {
            return Problems.BadPlayerId();
        }

        var outcome = await lobby.JoinAsync(request.PlayerId, Activity.Current?.Id ?? "", cancellationToken);
        return outcome.RetryAfter is { } pause
            ? Problems.NoServers(response, pause)
            : TypedResults.Ok(outcome.State.ToJoinResponse(request.PlayerId));
    }

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> LeaveAsync(
        JoinRequest request, IMatchQueue queue)
    {
        if (!PlayerId.IsValid(request.PlayerId))
        {
            return Problems.BadPlayerId();
        }

        var outcome = await queue.LeaveAsync(request.PlayerId, CancellationToken.None);
        return outcome.LiveMatch is { } match
            ? Problems.InLiveMatch(match)
            : TypedResults.Ok(new StatusResponse { Status = MatchStatus.Left });
    }

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> StatusAsync(
        string? player_id, string? wait, PlayerLookup players, CancellationToken cancellationToken)
    {
        if (!PlayerId.IsValid(player_id))
        {
            return Problems.BadPlayerId();
        }

        var seconds = 0d;
        if (wait is not null && (!double.TryParse(wait, out seconds) || !double.IsFinite(seconds) || seconds < 0 || seconds > LongestWait))
        {
            return Problems.BadWait(LongestWait);
        }

        var state = await players.FindAsync(player_id, TimeSpan.FromSeconds(seconds), cancellationToken);
        return state.Phase == PlayerPhase.Unknown ? Problems.UnknownPlayer() : TypedResults.Ok(state.ToResponse());
    }

    private static async Task<Results<ServerSentEventsResult<StatusResponse>, ProblemHttpResult>> EventsAsync(
        string? player_id, PlayerLookup players, CancellationToken cancellationToken)
    {
        if (!PlayerId.IsValid(player_id))
        {
            return Problems.BadPlayerId();
        }

        var state = await players.FindAsync(player_id, TimeSpan.Zero, cancellationToken);
        return state.Phase == PlayerPhase.Unknown
            ? Problems.UnknownPlayer()
            : TypedResults.ServerSentEvents(players.FollowAsync(player_id, cancellationToken), eventType: "status");
    }

    private static async Task<Results<Ok<StatusResponse>, ProblemHttpResult>> EndAsync(
        string session_id, MatchEnder matches, HttpResponse response)
    {
        if (!Guid.TryParseExact(session_id, "D", out var matchId))
        {
            return Problems.BadSessionId();
        }

        switch (await matches.EndAsync(matchId, CancellationToken.None))
        {
            case EndOutcome.Unknown or EndOutcome.NotStarted:
                return Problems.UnknownMatch();
            case EndOutcome.NotKnownYet:
                return Problems.DependencyUnavailable(response, DependencyUnavailableException.UsualRetryAfter);
            default:
                return TypedResults.Ok(new StatusResponse { Status = MatchStatus.Ended, SessionId = matchId.ToString() });
        }
    }
}
