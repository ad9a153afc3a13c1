using System.Runtime.CompilerServices;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;
using GameStack.Backend.Tickets;
using GameStack.Contracts.Api;
using GameStack.ServiceDefaults.Shutdown;

namespace GameStack.Backend.Api;

/// <summary>
/// Looks up a player's state in the queue, and in Postgres for a match that the queue has forgotten.
/// Waits end early when the backend stops, or when newer calls take their place. Each look is a sign of life of the player, and a call that
/// waits gives further ones. The queue's answer to them wakes a call whose change was lost on its way (<see cref="SignKeeper"/>).
/// </summary>
internal sealed class PlayerLookup(
    IMatchQueue queue, IMatchRecords records, PlayerWaiters waiters, PlayerSigns signs, HeldCalls calls, TicketSigner tickets,
    ShutdownState shutdown, TimeProvider time)
{
    /// <summary>
    /// How often an event stream repeats an unchanged state. This keeps the connection open and makes up for a lost change.
    /// </summary>
    private static readonly TimeSpan Repeat = TimeSpan.FromSeconds(15);

    /// <summary>Timers accept a little less than 50 days.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(24);

    /// <summary>Returns the player's state. For a pending player, first waits for up to <paramref name="wait"/> for a change.</summary>
    public async Task<PlayerState> FindAsync(string playerId, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (wait == TimeSpan.Zero)
        {
            return await FindAsync(playerId, cancellationToken);
        }

        using var call = calls.Begin(playerId);
        using var subscription = waiters.Subscribe(playerId);
        var begun = time.GetTimestamp();
        while (true)
        {
            var state = await FindAsync(playerId, cancellationToken);
            var left = wait - time.GetElapsedTime(begun);
            if (state.Phase != PlayerPhase.Pending || left <= TimeSpan.Zero)
            {
                return state;
            }

            await ChangesAsync(call, subscription, state, left, cancellationToken);
            if (HasToEnd(call))
            {
                return await FindAsync(playerId, cancellationToken);
            }
        }
    }

    /// <summary>Yields the state now and at every change, until the match ends or the player leaves.</summary>
    /// <param name="playerId">The player.</param>
    /// <param name="until">When the stream ends at the latest; null for no such time.</param>
    /// <param name="cancellationToken">Cancels the stream.</param>
    public async IAsyncEnumerable<StatusResponse> FollowAsync(
        string playerId, DateTimeOffset? until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = calls.Begin(playerId);
        using var end = until is { } expiry ? EndAt(call, expiry) : null;
        using var subscription = waiters.Subscribe(playerId);
        var state = await FindAsync(playerId, cancellationToken);
        while (true)
        {
            yield return state.ToResponse(playerId, tickets);
            if (state.Phase is PlayerPhase.Ended or PlayerPhase.Unknown || HasToEnd(call))
            {
                yield break;
            }

            var told = state;
            var toldAt = time.GetTimestamp();
            do
            {
                await ChangesAsync(call, subscription, state, Repeat - time.GetElapsedTime(toldAt), cancellationToken);
                state = await FindAsync(playerId, cancellationToken);
            }
            while ((state.Phase, state.MatchId) == (told.Phase, told.MatchId)
                && time.GetElapsedTime(toldAt) < Repeat && !HasToEnd(call));
        }
    }

    private ITimer EndAt(HeldCall call, DateTimeOffset expiry)
    {
        var left = expiry - time.GetUtcNow();
        var due = TimeSpan.FromTicks(Math.Clamp(left.Ticks, 0, LongestTimer.Ticks));
        return time.CreateTimer(_ => call.End(), null, due, Timeout.InfiniteTimeSpan);
    }

    private async Task<PlayerState> FindAsync(string playerId, CancellationToken cancellationToken)
    {
        var state = await queue.FindAsync(playerId, cancellationToken);
        if (state.Phase == PlayerPhase.Pending)
        {
            signs.Hear(playerId);
        }

        return state.Phase == PlayerPhase.Unknown
            && await records.FindLatestAsync(playerId, cancellationToken) is { EndedAt: not null } record
            ? PlayerState.Ended(record.SessionId)
            : state;
    }

    private bool HasToEnd(HeldCall call) => call.HasToEnd || shutdown.IsClosing;

    /// <summary>
    /// Waits for a change, or until the time is up or the call has to end. The caller asks the queue for the new state,
    /// because a change can arrive late and belong to an earlier match.
    /// </summary>
    private async Task ChangesAsync(
        HeldCall call, PlayerSubscription subscription, PlayerState state, TimeSpan wait, CancellationToken cancellationToken)
    {
        using var any = CancellationTokenSource.CreateLinkedTokenSource(shutdown.Closing, call.Ending, cancellationToken);
        var begun = time.GetTimestamp();
        try
        {
            while (wait - time.GetElapsedTime(begun) is var left && left > TimeSpan.Zero)
            {
                var isLast = left <= PlayerSigns.Interval || state.Phase != PlayerPhase.Pending;
                if (await subscription.NextAsync(isLast ? left : PlayerSigns.Interval, time, any.Token) is not null)
                {
                    return;
                }

                if (!isLast)
                {
                    signs.Hear(call.PlayerId);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The call has to end.
        }
    }
}
