namespace GameStack.Backend.Queue;

/// <summary>What the queue gave this backend to do.</summary>
/// <param name="Claims">Matches formed, and claims taken over.</param>
/// <param name="NextDue">How long until there is something to do without a further join; null when nothing.</param>
public sealed record QueueAdvance(IReadOnlyList<MatchClaim> Claims, TimeSpan? NextDue);
