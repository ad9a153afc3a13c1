using GameStack.Backend.GameServers;
using GameStack.Backend.Records;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Queue.Memory;

/// <summary>
/// The queue in this backend's own memory, for when there is no Redis. It keeps the interface's promises only for this backend's players.
/// </summary>
internal sealed class InMemoryMatchQueue(
    MemoryState state, MemoryOutbox outbox, CurrentRules rules, IOptions<MatchmakingOptions> options, BackendIdentity identity,
    PlayerWaiters waiters, QueueSignals signals, TimeProvider time) : IMatchQueue
{
    private readonly MatchmakingOptions _options = options.Value;

    public string Source => "memory";

    public Task<JoinOutcome> JoinAsync(string playerId, string traceParent, CancellationToken cancellationToken)
    {
        lock (state.Lock)
        {
            var player = state.FindPlayer(playerId);
            if (player is { IsOver: false })
            {
                player.AskedAt = time.GetTimestamp();
                Hear(player);
                return Task.FromResult(new JoinOutcome(player.State, Formed: null));
            }

            if (state.Line.Refusal is var refusal && refusal > TimeSpan.Zero)
            {
                return Task.FromResult(new JoinOutcome(player?.State ?? PlayerState.Unknown, Formed: null, refusal));
            }

            player = state.Join(playerId, traceParent);
            ForgetSilent();
            var formed = state.Form();
            if (state.Line.Players.Count == rules.Value.MinPartialSessionSize)
            {
                signals.WakeQueue(); // The oldest player's flush now has a due time.
            }

            return Task.FromResult(new JoinOutcome(player.State, formed?.ToClaim()));
        }
    }

    public Task<LeaveOutcome> LeaveAsync(string playerId, CancellationToken cancellationToken)
    {
        lock (state.Lock)
        {
            var player = state.FindPlayer(playerId);
            if (player is null or { IsOver: true } or { Match.Server: not null })
            {
                return Task.FromResult(new LeaveOutcome(player is { IsOver: false } ? player.Match!.Id : null, Left: false));
            }

            state.Leave(player);
        }

        waiters.Publish(new MatchChange([playerId], PlayerState.Unknown));
        return Task.FromResult(new LeaveOutcome(LiveMatch: null, Left: true));
    }

    public Task<PlayerState> FindAsync(string playerId, CancellationToken cancellationToken)
    {
        lock (state.Lock)
        {
            return Task.FromResult(state.FindPlayer(playerId)?.State ?? PlayerState.Unknown);
        }
    }

    public Task<IReadOnlyCollection<string>> HearAsync(IReadOnlyCollection<string> players, CancellationToken cancellationToken)
    {
        lock (state.Lock)
        {
            foreach (var player in players.Select(state.FindPlayer).OfType<MemoryPlayer>())
            {
                Hear(player);
            }

            return Task.FromResult<IReadOnlyCollection<string>>(
                [.. players.Where(player => state.FindPlayer(player) is not { State.Phase: PlayerPhase.Pending })]);
        }
    }

    public Task<QueueAdvance> AdvanceAsync(CancellationToken cancellationToken)
    {
        lock (state.Lock)
        {
            state.DropOld();
            ForgetSilent();
            var claims = new List<MatchClaim>();
            while (state.Form() is { } match)
            {
                claims.Add(match.ToClaim());
            }

            return Task.FromResult(new QueueAdvance(claims, state.Line.NextDue()));
        }
    }

    /// <summary>Does nothing: memory is never unavailable.</summary>
    public Task ReturnAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>No other backend can take a claim of this queue, so there is no lease to extend.</summary>
    public Task<IReadOnlyList<Guid>> RenewAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken)
    {
        lock (state.Lock)
        {
            return Task.FromResult<IReadOnlyList<Guid>>([.. claims.Where(id => state.FindMatch(id) is null)]);
        }
    }

    public Task<bool> AssignAsync(MatchClaim claim, RunningGameServer server, CancellationToken cancellationToken)
    {
        MemoryMatch match;
        lock (state.Lock)
        {
            if (state.FindMatch(claim.MatchId) is not { Ended: null } found)
            {
                return Task.FromResult(false);
            }

            if (found.Server is not null)
            {
                return Task.FromResult(found.Server == server);
            }

            match = found;
            state.Assign(match, server with { Admission = server.Admission?.For(claim.Players, match.PlayerIds) });
            state.Line.Succeeded();
        }

        outbox.Write(state.RecordOf(match));
        signals.WakeQueue(); // If Redis is available again, the match moves there.
        waiters.Publish(new MatchChange(match.PlayerIds, match.State));
        return Task.FromResult(true);
    }

    public Task<int?> RetryAsync(MatchClaim claim, CancellationToken cancellationToken)
    {
        lock (state.Lock)
        {
            if (state.FindMatch(claim.MatchId) is not { Server: null } match)
            {
                return Task.FromResult<int?>(null);
            }

            if (++match.Try <= _options.MaxTries)
            {
                return Task.FromResult<int?>(match.Try);
            }

            state.Dissolve(match);
            state.Line.Failed();
        }

        signals.WakeQueue();
        return Task.FromResult<int?>(null);
    }

    /// <summary>Puts the match's players back to their places in the line: no other backend can take a claim from here.</summary>
    public Task HandOverAsync(MatchClaim claim, CancellationToken cancellationToken)
    {
        lock (state.Lock)
        {
            if (state.FindMatch(claim.MatchId) is { Server: null } match)
            {
                state.Dissolve(match);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Returns true: there is no other backend to hand anything to.</summary>
    public Task<bool> CloseAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    public Task<EndOutcome> EndAsync(Guid matchId, RunningGameServer? onlyOn, string endedBy, CancellationToken cancellationToken)
    {
        MemoryMatch match;
        lock (state.Lock)
        {
            if (state.FindMatch(matchId) is not { } found)
            {
                return Task.FromResult(EndOutcome.Unknown);
            }

            if (found.Ended is not null || found.Server is null)
            {
                return Task.FromResult(found.Server is null ? EndOutcome.NotStarted : EndOutcome.AlreadyEnded);
            }

            if (onlyOn is not null && onlyOn != found.Server)
            {
                return Task.FromResult(EndOutcome.OnOtherServer);
            }

            match = found;
            state.End(match, endedBy);
        }

        outbox.Write(state.RecordOf(match));
        waiters.Publish(new MatchChange(match.PlayerIds, match.State));
        return Task.FromResult(EndOutcome.Ended);
    }

    /// <summary>Memory loses no match.</summary>
    public Task<bool> AdoptAsync(MatchRecord match, RunningGameServer server, CancellationToken cancellationToken) =>
        Task.FromResult(false);

    public Task<long> CountLiveAsync(CancellationToken cancellationToken)
    {
        lock (state.Lock)
        {
            return Task.FromResult((long)state.LiveCount);
        }
    }

    /// <summary>Without Redis, a backend is alone, so it knows all matches.</summary>
    public Task<MatchList> FindMatchesAsync(IReadOnlyCollection<Guid> matches, CancellationToken cancellationToken)
    {
        lock (state.Lock)
        {
            MemoryMatch[] found = [.. matches.Select(state.FindMatch).OfType<MemoryMatch>()];
            return Task.FromResult(new MatchList(
                [.. found.Where(match => match.IsLive).Select(ToLive)],
                [.. found.Where(match => match.Server is null).Select(match => match.Id)],
                IsComplete: true)
            {
                Heard = [identity.Owner],
            });
        }

        LiveMatch ToLive(MemoryMatch match) => new(match.Server!, identity.Owner, OwnerAlive: true, time.GetElapsedTime(match.AssignedAt));
    }

    public Task<MatchPage?> ListPageAsync(Guid? after, int limit, CancellationToken cancellationToken)
    {
        lock (state.Lock)
        {
            var matches = state.LiveAfter(after).Take(limit + 1).Select(match => ListedMatch.Of(match.Server!));
            return Task.FromResult<MatchPage?>(MatchPage.Of([.. matches], limit, isComplete: true));
        }
    }

    private void Hear(MemoryPlayer player)
    {
        if (player.Match is null)
        {
            state.Line.Hear(player);
        }
    }

    private void ForgetSilent()
    {
        if (state.ForgetSilent() is { Count: > 0 } silent)
        {
            waiters.Publish(new MatchChange(silent, PlayerState.Unknown));
        }
    }
}
