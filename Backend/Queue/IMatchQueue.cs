using GameStack.Backend.GameServers;
using GameStack.Backend.Records;

namespace GameStack.Backend.Queue;

/// <summary>
/// The queue and its matches. Every call is one atomic step, and after every step each player is in exactly one place.
/// Any number of backends may share a queue.
/// </summary>
internal interface IMatchQueue
{
    /// <summary>Where the queue is kept: <c>redis</c> or <c>memory</c>.</summary>
    string Source { get; }

    /// <summary>
    /// Queues a player. A waiting player keeps the place, and a player in a match keeps the match; both get their present state. After
    /// a match, or after leaving, a join goes to the end of the queue. After three matches in a row got no server, new players are refused
    /// during the pause that follows (<see cref="JoinOutcome.RetryAfter"/>).
    /// </summary>
    /// <param name="playerId">The player.</param>
    /// <param name="traceParent">W3C trace context of the join, or empty.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer, not the join.</param>
    Task<JoinOutcome> JoinAsync(string playerId, string traceParent, CancellationToken cancellationToken);

    /// <summary>Removes a player who is waiting or whose match has no server yet.</summary>
    Task<LeaveOutcome> LeaveAsync(string playerId, CancellationToken cancellationToken);

    Task<PlayerState> FindAsync(string playerId, CancellationToken cancellationToken);

    /// <summary>
    /// Says that players have been heard of. A waiting player who is not heard of for <see cref="QueueRules.Silence"/> is out of the queue,
    /// as after leaving. Returns the players who may not be pending any more: what was published about them may be lost.
    /// </summary>
    Task<IReadOnlyCollection<string>> HearAsync(IReadOnlyCollection<string> players, CancellationToken cancellationToken);

    /// <summary>
    /// Forms every possible match and takes over claims that other backends have dropped. Does what <see cref="ReturnAsync"/> does, too.
    /// </summary>
    Task<QueueAdvance> AdvanceAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Brings a queue that was unavailable up to date with what this backend did meanwhile, if the queue is usable again.
    /// </summary>
    Task ReturnAsync(CancellationToken cancellationToken);

    /// <summary>Extends the leases of these matches and returns the matches whose leases are lost.</summary>
    Task<IReadOnlyList<Guid>> RenewAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken);

    /// <summary>Makes the match live on this server. Returns false when the claim is lost.</summary>
    Task<bool> AssignAsync(MatchClaim claim, RunningGameServer server, CancellationToken cancellationToken);

    /// <summary>
    /// Records a failed try. Returns the number of the next try, or null when the players went back to the head of the queue or the claim
    /// is lost.
    /// </summary>
    Task<int?> RetryAsync(MatchClaim claim, CancellationToken cancellationToken);

    /// <summary>Releases a claim so that another backend takes it over at once.</summary>
    Task HandOverAsync(MatchClaim claim, CancellationToken cancellationToken);

    /// <summary>
    /// Hands over what only this backend holds, and announces that it is gone. Its claims are handed over before. Returns false if its
    /// memory still has players or matches because Redis is unavailable: call again.
    /// </summary>
    Task<bool> CloseAsync(CancellationToken cancellationToken);

    /// <summary>Ends a live match.</summary>
    /// <param name="matchId">The match.</param>
    /// <param name="onlyOn">
    /// If set, the match ends only if this is its server: a failed try or a lost claim leaves a server whose exit does not end the match.
    /// </param>
    /// <param name="endedBy">What ends it, for the record (<see cref="EndedBy"/>).</param>
    /// <param name="cancellationToken">Cancels the wait for the answer, not the end.</param>
    Task<EndOutcome> EndAsync(Guid matchId, RunningGameServer? onlyOn, string endedBy, CancellationToken cancellationToken);

    /// <summary>Makes a match live again that the queue has lost, on the server that plays it.</summary>
    /// <param name="match">Its record, which has no end.</param>
    /// <param name="server">The server.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer.</param>
    /// <returns>False if the queue knows the match, or cannot take it now.</returns>
    Task<bool> AdoptAsync(MatchRecord match, RunningGameServer server, CancellationToken cancellationToken);

    /// <summary>The number of live matches: those of all backends, or this backend's while Redis is unavailable.</summary>
    Task<long> CountLiveAsync(CancellationToken cancellationToken);

    /// <summary>Returns those of these matches that are live or claimed.</summary>
    Task<MatchList> FindMatchesAsync(IReadOnlyCollection<Guid> matches, CancellationToken cancellationToken);

    /// <summary>Lists live matches page by page. Matches that are live all the time are on one page each.</summary>
    /// <param name="after">The match after which the page begins (<see cref="MatchPage.Next"/>); null for the first page.</param>
    /// <param name="limit">The most matches on the page.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer.</param>
    /// <returns>The page; null if the queue does not know <paramref name="after"/> any more.</returns>
    Task<MatchPage?> ListPageAsync(Guid? after, int limit, CancellationToken cancellationToken);
}
