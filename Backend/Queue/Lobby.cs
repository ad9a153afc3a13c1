using GameStack.Backend.GameServers;
using GameStack.Backend.Life;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Queue;

/// <summary>Where players come in: queues a player and, if that completes a match, waits a moment for the match's server.</summary>
internal sealed class Lobby(
    IMatchQueue queue, IMatchAssigner assigner, IGameServerFleet fleet, PlayerWaiters waiters, MatchLife life, TimeProvider time,
    IOptions<MatchmakingOptions> options)
{
    /// <summary>As <see cref="IMatchQueue.JoinAsync"/>, with the state of the player after the wait.</summary>
    /// <param name="playerId">The player.</param>
    /// <param name="traceParent">W3C trace context of the join, or empty.</param>
    /// <param name="cancellationToken">Ends the wait. It does not cancel the join, which takes effect once it is sent.</param>
    public async Task<JoinOutcome> JoinAsync(string playerId, string traceParent, CancellationToken cancellationToken)
    {
        var outcome = await queue.JoinAsync(playerId, traceParent, CancellationToken.None);
        if (outcome.RetryAfter is not null)
        {
            life.Announce(new MatchStep.JoinRefused(playerId));
            return outcome;
        }

        life.Announce(new MatchStep.Queued(playerId));
        if (outcome.Formed is { } claim)
        {
            outcome = outcome with { State = await AssignAsync(claim, playerId, cancellationToken) ?? outcome.State };
        }

        life.Announce(new MatchStep.JoinAnswered(playerId, outcome.State.Phase == PlayerPhase.Matched));
        return outcome;
    }

    /// <summary>Returns the player's state if the match got a server in time.</summary>
    private async Task<PlayerState?> AssignAsync(MatchClaim claim, string playerId, CancellationToken cancellationToken)
    {
        var standby = fleet.StandbyCount > 0 && claim.Players.Contains(playerId, StringComparer.Ordinal);
        using var subscription = waiters.Subscribe(playerId);
        assigner.Begin(claim);

        // Wait only for changes of this match: a late change may belong to the player's previous match.
        return standby
            ? await subscription.NextAsync(
                claim.MatchId, TimeSpan.FromMilliseconds(options.Value.StandbyWaitMilliseconds), time, cancellationToken)
            : null;
    }
}
