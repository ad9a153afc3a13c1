using System.Diagnostics;

namespace GameStack.Backend.Life;

/// <summary>The span of finding a server for a match, linked to the join of each of its players.</summary>
internal static class MatchTraces
{
    private static readonly ActivitySource Source = new("GameStack.Backend");

    /// <param name="matchId">The match.</param>
    /// <param name="joins">The W3C trace context of each player's join, empty where there was none.</param>
    /// <returns>Null while nobody records traces.</returns>
    public static Activity? Start(Guid matchId, IReadOnlyList<string> joins)
    {
        var trace = Source.StartActivity("match", ActivityKind.Internal, default(ActivityContext), links: Links(joins));
        trace?.SetTag("gamestack.match.id", matchId);
        trace?.SetTag("gamestack.match.players", joins.Count);
        return trace;
    }

    private static IEnumerable<ActivityLink> Links(IReadOnlyList<string> joins) => joins
        .Select(join => ActivityContext.TryParse(join, traceState: null, isRemote: true, out var context) ? context : default)
        .Where(context => context != default)
        .Select(context => new ActivityLink(context));
}
