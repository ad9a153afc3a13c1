using System.Globalization;
using GameStack.Backend.Access;
using GameStack.Backend.Matches;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;
using GameStack.Contracts.Api;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GameStack.Backend.Api;

/// <summary>The routes that operators call.</summary>
internal static class SessionEndpoints
{
    /// <summary>The most matches in one answer.</summary>
    private const int MostMatches = 1_000;

    public static IEndpointRouteBuilder MapSessionEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sessions/active", ListAsync).WithName("ListActiveSessions").WithTags("Sessions")
            .WithSummary("List live matches")
            .WithDescription(
                "Reads Redis. While Redis is unavailable, reads Postgres; without both, reads this backend's memory. " +
                "At most 1,000 matches, or `limit`. If there are more, the answer has `next`: repeat the call with `after=<next>`. " +
                "If `source` changes from page to page, begin again. 400 for an `after` that is not a match known lately. " +
                "Where only operators may list matches, other callers get the `count` of all and no `sessions`.")
            .IdentifyOperator()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        routes.MapPost("/cleanup/orphaned-servers", CleanUpAsync).WithName("EndOrphanedServers").WithTags("Operations")
            .WithSummary("End game servers without a match")
            .WithDescription("Does at once what the backend does every 15 s. The proxy does not forward this call. " +
                "It needs an operator, unless anyone may do what operators do.")
            .RequireOperator()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        return routes;
    }

    private static async Task<Results<Ok<ActiveSessionsResponse>, ProblemHttpResult>> ListAsync(
        HttpContext context, string? after, string? limit, IMatchQueue queue, IMatchRecords records, CancellationToken cancellationToken)
    {
        if (!Caller.Of(context).MayOperate)
        {
            return await CountAsync(queue, cancellationToken);
        }

        var most = MostMatches;
        if (limit is not null
            && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out most) || most is 0 or > MostMatches))
        {
            return Problems.BadLimit(MostMatches);
        }

        var match = Guid.Empty;
        if (after is not null && !Guid.TryParseExact(after, "D", out match))
        {
            return Problems.BadAfter();
        }

        Guid? last = after is null ? null : match;
        var page = await queue.ListPageAsync(last, most, cancellationToken);
        if (page is { IsComplete: false } && await ListRecordsAsync(records, last, most, cancellationToken) is { } recorded)
        {
            return Answer("postgres", "Redis is unavailable: these are the records without an end.", recorded);
        }

        if (page is null)
        {
            return Problems.BadAfter();
        }

        var note = page.IsComplete ? "Live matches of all backends." : "Redis is unavailable: live matches of this backend.";
        return Answer(queue.Source, note, page);
    }

    private static async Task<Ok<ActiveSessionsResponse>> CountAsync(IMatchQueue queue, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ActiveSessionsResponse
        {
            Count = (int)await queue.CountLiveAsync(cancellationToken),
            Sessions = [],
            Source = queue.Source,
            Note = "The number of live matches that the source knows. Only operators get their list.",
        });

    /// <summary>Returns null if Postgres has no records for this page.</summary>
    private static async Task<MatchPage?> ListRecordsAsync(
        IMatchRecords records, Guid? after, int limit, CancellationToken cancellationToken)
    {
        var rows = await records.ListActiveAsync(after, limit + 1, cancellationToken);
        return rows.Count > 0 || (after is { } match && await records.FindAsync(match, cancellationToken) is not null)
            ? MatchPage.Of([.. rows.Select(row => new ListedMatch(row.SessionId, row.GameServerPod))], limit, isComplete: false)
            : null;
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

    private static Ok<ActiveSessionsResponse> Answer(string source, string note, MatchPage page) =>
        TypedResults.Ok(new ActiveSessionsResponse
        {
            Count = page.Live.Count,
            Sessions =
                [.. page.Live.Select(match => new ActiveSession { SessionId = match.MatchId.ToString(), GameServerPod = match.Server })],
            Source = source,
            Note = note,
            Next = page.Next?.ToString(),
        });
}
