using GameStack.Backend.Matches;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;
using GameStack.Contracts.Api;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GameStack.Backend.Api;

/// <summary>The routes that operators call.</summary>
internal static class SessionEndpoints
{
    private const int MostRecords = 1_000;

    public static IEndpointRouteBuilder MapSessionEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sessions/active", ListAsync).WithName("ListActiveSessions").WithTags("Sessions")
            .WithSummary("List live matches")
            .WithDescription("Reads Redis. While Redis is unavailable, reads Postgres; without both, reads this backend's memory.")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        routes.MapPost("/cleanup/orphaned-servers", CleanUpAsync).WithName("EndOrphanedServers").WithTags("Operations")
            .WithSummary("End game servers without a match")
            .WithDescription("Does at once what the backend does every 15 s. The proxy does not forward this call.")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        return routes;
    }

    private static async Task<Ok<ActiveSessionsResponse>> ListAsync(
        IMatchQueue queue, IMatchRecords records, CancellationToken cancellationToken)
    {
        var matches = await queue.ListAsync(cancellationToken);
        if (!matches.IsComplete && await records.ListActiveAsync(MostRecords, cancellationToken) is { Count: > 0 } rows)
        {
            return Answer("postgres", "Redis is unavailable: these are the records without an end.",
                rows.Select(row => (row.SessionId, row.GameServerPod)));
        }

        var note = matches.IsComplete ? "Live matches of all backends." : "Redis is unavailable: live matches of this backend.";
        return Answer(queue.Source, note, matches.Live.Select(match => (match.Server.MatchId, match.Server.Name)));
    }

    private static async Task<Results<Ok<CleanupResponse>, ProblemHttpResult>> CleanUpAsync(
        Reconciler reconciler, HttpResponse response, CancellationToken cancellationToken)
    {
        if (await reconciler.EndOrphanedServersAsync(cancellationToken) is not { } cleaned)
        {
            return Problems.DependencyUnavailable(response, DependencyUnavailableException.UsualRetryAfter);
        }

        var message = cleaned == 0 ? "Every game server has its match." : $"Ended {cleaned} game servers that had no match.";
        return TypedResults.Ok(new CleanupResponse { Cleaned = cleaned, Message = message });
    }

    private static Ok<ActiveSessionsResponse> Answer(string source, string note, IEnumerable<(Guid MatchId, string Server)> matches)
    {
        ActiveSession[] sessions =
            [.. matches.Select(match => new ActiveSession { SessionId = match.MatchId.ToString(), GameServerPod = match.Server })];
        return TypedResults.Ok(new ActiveSessionsResponse { Count = sessions.Length, Sessions = sessions, Source = source, Note = note });
    }
}
