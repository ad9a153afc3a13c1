namespace GameStack.Bench.Growth;

/// <summary>The names of what is timed, as rows of the tables.</summary>
internal static class Operations
{
    public const string Join = "join";
    public const string Leave = "leave";
    public const string StatusWaiting = "status of a waiting player";
    public const string Sign = "sign of life";
    public const string Heartbeat = "heartbeat";
    public const string Advance = "advance, no match to form";
    public const string JoinForms = "join that completes a match";
    public const string Assign = "assign";
    public const string StatusMatched = "status of a matched player";
    public const string End = "end";
    public const string Count = "count of live matches";
    public const string MiddlePage = "page of 5 live matches, from the middle";
    public const string FirstPage = "page of up to 1,000 live matches";
    public const string Pass = "reconciler, usual pass";
    public const string FullPass = "reconciler, pass over everything";

    public static readonly IReadOnlyList<string> OfWaitingPlayers =
        [Join, Leave, StatusWaiting, Sign, Heartbeat, Advance, JoinForms, Assign, StatusMatched, End];

    public static readonly IReadOnlyList<string> OfLiveMatches =
        [Join, JoinForms, Assign, StatusMatched, End, Heartbeat, Count, MiddlePage, FirstPage, Pass, FullPass];
}
