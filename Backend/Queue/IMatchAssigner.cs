namespace GameStack.Backend.Queue;

/// <summary>Finds servers for the matches that the queue forms.</summary>
internal interface IMatchAssigner
{
    /// <summary>
    /// Starts work on a claim and keeps its lease until the match is assigned or its players are queued again. A stopping backend hands the
    /// claim over instead.
    /// </summary>
    void Begin(MatchClaim claim);
}
