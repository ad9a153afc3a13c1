using GameStack.Backend.GameServers;
using GameStack.Backend.Records;

namespace GameStack.Backend.Queue;

/// <summary>
/// The queue and its matches. Every call is one atomic step, and no step leaves a player in neither place or in two.
/// Any number of backends may share a queue.
/// </summary>
public interface IMatchQueue : IMatchOutbox
{
    /// <summary>Where the truth is: <c>redis</c> or <c>memory</c>.</summary>
    string Source { get; }

    /// <summary>Whether the matches that this queue lists are those of all backends, or of this one alone.</summary>
    bool ListsAllBackends { get; }

    /// <summary>
    /// Queues a player, or says where the player already stands. A player who comes again after a match or after leaving goes to the end.
    /// After three matches in a row that got no server nobody new is queued during the pause that follows (<see cref="JoinOutcome.RetryAfter"/>).
    /// </summary>
    /// <param name="playerId">The player.</param>
    /// <param name="traceParent">W3C trace context of the join, or empty.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer, not the join.</param>
    Task<JoinOutcome> JoinAsync(string playerId, string traceParent, CancellationToken cancellationToken);

    /// <summary>Takes a player out who waits, or whose match has no server yet.</summary>
    Task<LeaveOutcome> LeaveAsync(string playerId, CancellationToken cancellationToken);

    Task<PlayerState> FindAsync(string playerId, CancellationToken cancellationToken);

    /// <summary>Forms what can be formed and takes over what others have dropped.</summary>
    Task<QueueAdvance> AdvanceAsync(CancellationToken cancellationToken);

    /// <summary>Extends the leases of these matches; answers those that are lost.</summary>
    Task<IReadOnlyList<Guid>> RenewAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken);

    /// <summary>The match is live on this server. False when the claim is lost.</summary>
    Task<bool> AssignAsync(MatchClaim claim, RunningGameServer server, CancellationToken cancellationToken);

    /// <summary>A try failed. Answers the number of the next try, or null when the players went back to the head of the queue or the claim is lost.</summary>
    Task<int?> RetryAsync(MatchClaim claim, CancellationToken cancellationToken);

    /// <summary>Lets go of claims so that another backend takes them at once; with none of them, says that this backend is gone.</summary>
    Task HandOverAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken);

    /// <summary>Ends a live match.</summary>
    /// <param name="matchId">The match.</param>
    /// <param name="onlyOn">Only if this is its server: a try that failed, or a claim that was lost, leaves a server whose end is not the match's.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer, not the end.</param>
    Task<EndOutcome> EndAsync(Guid matchId, RunningGameServer? onlyOn, CancellationToken cancellationToken);

    Task<IReadOnlyList<LiveMatch>> ListLiveAsync(CancellationToken cancellationToken);

    /// <summary>The matches that have no server yet, whichever backend is finding one for them.</summary>
    Task<IReadOnlyList<Guid>> ListClaimedAsync(CancellationToken cancellationToken);
}
