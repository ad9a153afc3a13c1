using GameStack.Backend.GameServers;
using GameStack.Backend.Queue.Memory;
using GameStack.Backend.Queue.Redis;
using GameStack.Backend.Records;
using StackExchange.Redis;

namespace GameStack.Backend.Queue.Failover;

/// <summary>
/// Uses Redis while it is usable, and this backend's memory otherwise. When Redis is available again, <see cref="QueueReturn"/> brings it
/// up to date before it is used. A call that Redis aborted has an unknown outcome: it fails, and is not repeated in memory.
/// </summary>
internal sealed class FailoverMatchQueue : IMatchQueue
{
    private readonly IConnectionMultiplexer _connection;
    private readonly RedisMatchQueue _redis;
    private readonly InMemoryMatchQueue _memory;
    private readonly QueueLedger _ledger;
    private readonly QueueReturn _return;
    private readonly PlayerWaiters _waiters;
    private readonly QueueSignals _signals;

    /// <summary>Whether Redis has been brought up to date since it was last unavailable.</summary>
    private volatile bool _returned;

    public FailoverMatchQueue(
        IConnectionMultiplexer connection, RedisMatchQueue redis, InMemoryMatchQueue memory, QueueLedger ledger, QueueReturn queueReturn,
        PlayerWaiters waiters, QueueSignals signals)
    {
        _connection = connection;
        _redis = redis;
        _memory = memory;
        _ledger = ledger;
        _return = queueReturn;
        _waiters = waiters;
        _signals = signals;

        // Needed even if Redis reconnects before any call checks the connection: it may be a different or an empty Redis.
        connection.ConnectionFailed += (_, _) => _returned = false;
    }

    public string Source => Current.Source;

    public bool ListsAllBackends => UsesRedis;

    private bool UsesRedis
    {
        get
        {
            if (!_connection.IsConnected)
            {
                _returned = false;
            }

            return _returned;
        }
    }

    private IMatchQueue Current => UsesRedis ? _redis : _memory;

    public async Task<JoinOutcome> JoinAsync(string playerId, string traceParent, CancellationToken cancellationToken)
    {
        if (!UsesRedis && _ledger.FindMatched(playerId) is { } matched)
        {
            return new JoinOutcome(matched, Formed: null);
        }

        return QueueOf(playerId) == _memory
            ? await _memory.JoinAsync(playerId, traceParent, cancellationToken)
            : await JoinRedisAsync(playerId, traceParent, cancellationToken);
    }

    /// <exception cref="DependencyUnavailableException">
    /// Redis is unavailable, and only Redis knows whether the player waits there.
    /// </exception>
    public Task<LeaveOutcome> LeaveAsync(string playerId, CancellationToken cancellationToken)
    {
        if (!_memory.Holds(playerId) && !UsesRedis)
        {
            return _ledger.FindMatched(playerId) is { } matched
                ? Task.FromResult(new LeaveOutcome(matched.MatchId, Left: false))
                : throw new DependencyUnavailableException("Redis", "the player may be waiting there.");
        }

        _ledger.Forget(playerId);
        return QueueOf(playerId).LeaveAsync(playerId, cancellationToken);
    }

    public async Task<PlayerState> FindAsync(string playerId, CancellationToken cancellationToken)
    {
        var state = await QueueOf(playerId).FindAsync(playerId, cancellationToken);
        if (state.Phase == PlayerPhase.Unknown)
        {
            state = await _memory.FindAsync(playerId, cancellationToken);
        }

        // Redis or another backend's memory may know the player, so do not report the player as unknown.
        return state.Phase == PlayerPhase.Unknown && !UsesRedis ? _ledger.FindMatched(playerId) ?? PlayerState.Pending : state;
    }

    public async Task<QueueAdvance> AdvanceAsync(CancellationToken cancellationToken)
    {
        if (!_connection.IsConnected)
        {
            return await _memory.AdvanceAsync(cancellationToken);
        }

        if (UsesRedis)
        {
            await _return.HandBackAsync(cancellationToken); // Players may have joined in memory during the return.
        }
        else
        {
            await _return.RunAsync(cancellationToken);
            _returned = true;
        }

        // The memory's claims have no lease that expires if the next call fails, so they are returned on their own.
        var own = await _memory.AdvanceAsync(cancellationToken);
        return own.Claims.Count > 0 ? own with { NextDue = TimeSpan.Zero } : await _redis.AdvanceAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<Guid>> RenewAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken)
    {
        var elsewhere = await _memory.RenewAsync(claims, cancellationToken);
        return _connection.IsConnected ? await _redis.RenewAsync(elsewhere, cancellationToken) : [];
    }

    public async Task<bool> AssignAsync(MatchClaim claim, RunningGameServer server, CancellationToken cancellationToken)
    {
        if (await _memory.AssignAsync(claim, server, cancellationToken))
        {
            return true;
        }

        // Before the call: the change that it publishes may arrive, and the match may even end, before the answer arrives.
        _ledger.Assigned(claim, server);
        var assigned = await _redis.AssignAsync(claim, server, cancellationToken);
        if (!assigned)
        {
            _ledger.Unassign(claim.MatchId);
        }

        return assigned;
    }

    public async Task<int?> RetryAsync(MatchClaim claim, CancellationToken cancellationToken) =>
        await IsInMemoryAsync(claim.MatchId, cancellationToken)
            ? await _memory.RetryAsync(claim, cancellationToken)
            : await _redis.RetryAsync(claim, cancellationToken);

    public Task HandOverAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken) =>
        _connection.IsConnected ? _redis.HandOverAsync(claims, cancellationToken) : Task.CompletedTask;

    public async Task<EndOutcome> EndAsync(Guid matchId, RunningGameServer? onlyOn, CancellationToken cancellationToken)
    {
        var outcome = await _memory.EndAsync(matchId, onlyOn, cancellationToken);
        var asked = outcome == EndOutcome.Unknown && UsesRedis;
        if (asked)
        {
            outcome = await _redis.EndAsync(matchId, onlyOn, cancellationToken);
        }

        if (outcome is EndOutcome.Ended or EndOutcome.AlreadyEnded)
        {
            _ledger.Unassign(matchId);
        }
        else if (outcome == EndOutcome.OnOtherServer && onlyOn is not null)
        {
            _ledger.Unassign(onlyOn);
        }

        if (outcome is not (EndOutcome.Unknown or EndOutcome.NotKnownYet))
        {
            return outcome;
        }

        if (EndWithoutRedis(matchId, onlyOn))
        {
            return EndOutcome.Ended;
        }

        if (_ledger.IsUntoldEnd(matchId))
        {
            return EndOutcome.AlreadyEnded;
        }

        if (asked)
        {
            return outcome;
        }

        outcome = await _redis.EndAsync(matchId, onlyOn, cancellationToken);
        return outcome == EndOutcome.Unknown ? EndOutcome.NotKnownYet : outcome;
    }

    public async Task<IReadOnlyList<LiveMatch>> ListLiveAsync(CancellationToken cancellationToken)
    {
        var own = await _memory.ListLiveAsync(cancellationToken);
        return UsesRedis
            ? [.. own, .. await _redis.ListLiveAsync(cancellationToken)]
            : [.. own, .. _ledger.LiveMatches()];
    }

    public async Task<IReadOnlyList<Guid>> ListClaimedAsync(CancellationToken cancellationToken)
    {
        var own = await _memory.ListClaimedAsync(cancellationToken);
        return UsesRedis ? [.. own, .. await _redis.ListClaimedAsync(cancellationToken)] : own;
    }

    public async Task<IReadOnlyList<OutboxEntry>> ReadAsync(int max, CancellationToken cancellationToken)
    {
        var own = await _memory.ReadAsync(max, cancellationToken);
        return own.Count > 0 || !_connection.IsConnected ? own : await _redis.ReadAsync(max, cancellationToken);
    }

    public async Task TrimAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        await _memory.TrimAsync(ids, cancellationToken);
        string[] shared = [.. ids.Where(id => !id.StartsWith("memory-", StringComparison.Ordinal))];
        if (shared.Length > 0)
        {
            await _redis.TrimAsync(shared, cancellationToken);
        }
    }

    public Task WaitForEntriesAsync(CancellationToken cancellationToken) => _signals.WaitForOutboxAsync(cancellationToken);

    private async Task<JoinOutcome> JoinRedisAsync(string playerId, string traceParent, CancellationToken cancellationToken)
    {
        // Before the call: the match may end, and its ledger entry be removed, before the answer arrives.
        var added = _ledger.Joining(playerId, traceParent);
        var pending = false;
        try
        {
            var outcome = await _redis.JoinAsync(playerId, traceParent, cancellationToken);
            pending = outcome.State.Phase == PlayerPhase.Pending;
            return outcome;
        }
        finally
        {
            if (added && !pending)
            {
                _ledger.Forget(playerId);
            }
        }
    }

    /// <summary>
    /// Ends a match that this backend assigned, when Redis cannot be told or has forgotten the match. This backend then notifies the
    /// players and Postgres.
    /// </summary>
    private bool EndWithoutRedis(Guid matchId, RunningGameServer? onlyOn)
    {
        if (_ledger.End(matchId, onlyOn) is not { } record)
        {
            return false;
        }

        _memory.Write(record);
        _waiters.Publish(new MatchChange(record.Players, PlayerState.Ended(matchId)));
        return true;
    }

    private IMatchQueue QueueOf(string playerId) => _memory.Holds(playerId) ? _memory : Current;

    private async Task<bool> IsInMemoryAsync(Guid matchId, CancellationToken cancellationToken) =>
        (await _memory.RenewAsync([matchId], cancellationToken)).Count == 0;
}
