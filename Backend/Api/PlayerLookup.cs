using System.Runtime.CompilerServices;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;
using GameStack.Contracts.Api;
using GameStack.ServiceDefaults.Shutdown;

namespace GameStack.Backend.Api;

/// <summary>Where a player stands: from the queue, and from Postgres for a match that the queue has forgotten. Waits end early when the backend stops.</summary>
internal sealed class PlayerLookup(
    IMatchQueue queue, IMatchRecords records, PlayerWaiters waiters, ShutdownState shutdown, TimeProvider time)
{
    /// <summary>How often an event stream says where the player stands although nothing changed: keeps the connection open, and heals a lost change.</summary>
    private static readonly TimeSpan Repeat = TimeSpan.FromSeconds(15);

    /// <summary>The state now, or after the next change when the player is pending and <paramref name="wait"/> allows.</summary>
    public async Task<PlayerState> FindAsync(string playerId, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (wait == TimeSpan.Zero)
        {
            return await FindAsync(playerId, cancellationToken);
        }

        using var subscription = waiters.Subscribe(playerId);
        var until = time.GetUtcNow() + wait;
        while (true)
        {
            var state = await FindAsync(playerId, cancellationToken);
            var left = until - time.GetUtcNow();
            if (state.Phase != PlayerPhase.Pending || left <= TimeSpan.Zero)
            {
                return state;
            }

            if (!await ChangesAsync(subscription, left, cancellationToken))
            {
                return await FindAsync(playerId, cancellationToken);
            }
        }
    }

    /// <summary>The state now and at every change, until the match has ended or the player has left.</summary>
    public async IAsyncEnumerable<StatusResponse> FollowAsync(string playerId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var subscription = waiters.Subscribe(playerId);
        var state = await FindAsync(playerId, cancellationToken);
        while (true)
        {
            yield return state.ToResponse();
            if (state.Phase is PlayerPhase.Ended or PlayerPhase.Unknown || shutdown.IsClosing)
            {
                yield break;
            }

            var told = state;
            bool changed;
            do
            {
                changed = await ChangesAsync(subscription, Repeat, cancellationToken);
                state = await FindAsync(playerId, cancellationToken);
            }
            while (changed && (state.Phase, state.MatchId) == (told.Phase, told.MatchId));
        }
    }

    private async Task<PlayerState> FindAsync(string playerId, CancellationToken cancellationToken)
    {
        var state = await queue.FindAsync(playerId, cancellationToken);
        return state.Phase == PlayerPhase.Unknown && await records.FindLatestAsync(playerId, cancellationToken) is { EndedAt: not null } record
            ? PlayerState.Ended(record.SessionId)
            : state;
    }

    /// <summary>
    /// Whether something changed; not when the time is up or the backend stops. What has changed is asked of the queue: a change can be heard
    /// late, and be one of a match before the one that the player waits for now.
    /// </summary>
    private async Task<bool> ChangesAsync(PlayerSubscription subscription, TimeSpan wait, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(shutdown.Closing, cancellationToken);
        try
        {
            return await subscription.NextAsync(wait, time, either.Token) is not null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
