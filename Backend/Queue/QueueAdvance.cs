namespace GameStack.Backend.Queue;

/// <summary>The work that the queue gave this backend.</summary>
/// <param name="Claims">The matches formed and the claims taken over.</param>
/// <param name="NextDue">The time until there is work even without another join; null when there will be none.</param>
public sealed record QueueAdvance(IReadOnlyList<MatchClaim> Claims, TimeSpan? NextDue);
