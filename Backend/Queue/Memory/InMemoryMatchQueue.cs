using GameStack.Backend.GameServers;
using GameStack.Backend.Records;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Queue.Memory;

/// <summary>
/// The queue in this backend's own memory, for when there is no Redis. It keeps the interface's promises only for this backend's players.
/// </summary>
internal sealed class InMemoryMatchQueue(
    IOptions<MatchmakingOptions> options, BackendIdentity identity, PlayerWaiters waiters, QueueSignals signals, TimeProvider time) : IMatchQueue
{
    private static readonly TimeSpan EndedTimeToLive = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    /// <summary>After this many matches in a row got no server, new players are refused during the pause.</summary>
    private const int FailuresUntilRefusal = 3;

    private readonly MatchmakingOptions _options = options.Value;
    private readonly Lock _lock = new();
    private readonly SortedSet<MemoryPlayer> _waiting = new(MemoryPlayer.ByTimeOfJoining);
    private readonly Dictionary<string, MemoryPlayer> _players = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, MemoryMatch> _matches = [];
    private readonly Queue<MemoryMatch> _ended = new();
    private readonly LinkedList<OutboxEntry> _outbox = new();
    private long _sequence;
    private long _entries;
    private int _failures;
    private bool _frozen;
    private DateTimeOffset _pausedUntil;

    public string Source => "memory";

    /// <summary>Without Redis, a backend is alone.</summary>
    public bool ListsAllBackends => true;

    /// <summary>While the queue is frozen, no match forms: the waiting players are being handed to Redis.</summary>
    public void Freeze(bool frozen)
    {
        lock (_lock)
        {
            _frozen = frozen;
        }

        signals.WakeQueue();
    }

    /// <summary>Whether the player waits or plays here.</summary>
    public bool Holds(string playerId)
    {
        lock (_lock)
        {
            return _players.TryGetValue(playerId, out var player) && player.Match?.Ended is null;
        }
    }

    /// <summary>The waiting players, in the order of their joins.</summary>
    public IReadOnlyList<MemoryPlayer> Waiting()
    {
        lock (_lock)
        {
            return [.. _waiting];
        }
    }

    /// <summary>The matches that are live here.</summary>
    public IReadOnlyList<LedgerMatch> LiveMatches()
    {
        lock (_lock)
        {
            return [.. _matches.Values.Where(match => match is { Server: not null, Ended: null }).Select(match => new LedgerMatch(match.Server!, RecordOf(match)))];
        }
    }

    /// <summary>The matches that have ended here and are not forgotten yet.</summary>
    public IReadOnlyList<MatchRecord> EndedMatches()
    {
        lock (_lock)
        {
            return [.. _matches.Values.Where(match => match.Ended is not null).Select(RecordOf)];
        }
    }

    public Task<JoinOutcome> JoinAsync(string playerId, string traceParent, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_players.TryGetValue(playerId, out var player) && player.Match?.Ended is null)
            {
                return Task.FromResult(new JoinOutcome(player.State, Formed: null));
            }

            var pause = _pausedUntil - time.GetUtcNow();
            if (_failures >= FailuresUntilRefusal && pause > TimeSpan.Zero)
            {
                return Task.FromResult(new JoinOutcome(player?.State ?? PlayerState.Unknown, Formed: null, pause));
            }

            player = new MemoryPlayer(playerId, traceParent, time.GetUtcNow(), ++_sequence);
            _players[playerId] = player;
            _waiting.Add(player);
            var formed = Form();
            if (_waiting.Count == _options.MinPartialSessionSize)
            {
                signals.WakeQueue(); // The oldest player's flush now has a due time.
            }

            return Task.FromResult(new JoinOutcome(player.State, formed?.ToClaim()));
        }
    }

    public Task<LeaveOutcome> LeaveAsync(string playerId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_players.TryGetValue(playerId, out var player) || player.Match?.Ended is not null)
            {
                return Task.FromResult(new LeaveOutcome(LiveMatch: null, Left: false));
            }

            if (player.Match is { Server: not null } live)
            {
                return Task.FromResult(new LeaveOutcome(live.Id, Left: false));
            }

            _players.Remove(playerId);
            _waiting.Remove(player);
            if (player.Match is { } claimed)
            {
                claimed.Players.Remove(player);
                if (claimed.Players.Count == 0)
                {
                    _matches.Remove(claimed.Id);
                }
            }
        }

        waiters.Publish(new MatchChange([playerId], PlayerState.Unknown));
        return Task.FromResult(new LeaveOutcome(LiveMatch: null, Left: true));
    }

    public Task<PlayerState> FindAsync(string playerId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(_players.TryGetValue(playerId, out var player) ? player.State : PlayerState.Unknown);
        }
    }

    public Task<QueueAdvance> AdvanceAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ForgetOld();
            var claims = new List<MatchClaim>();
            while (Form() is { } match)
            {
                claims.Add(match.ToClaim());
            }

            return Task.FromResult(new QueueAdvance(claims, NextFlush()));
        }
    }

    /// <summary>No other backend can take a claim of this queue, so there is no lease to extend.</summary>
    public Task<IReadOnlyList<Guid>> RenewAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<Guid>>([.. claims.Where(id => !_matches.ContainsKey(id))]);
        }
    }

    public Task<bool> AssignAsync(MatchClaim claim, RunningGameServer server, CancellationToken cancellationToken)
    {
        MemoryMatch? match;
        lock (_lock)
        {
            if (!_matches.TryGetValue(claim.MatchId, out match) || match.Ended is not null)
            {
                return Task.FromResult(false);
            }

            if (match.Server is not null)
            {
                return Task.FromResult(match.Server == server);
            }

            match.Server = server;
            match.AssignedAt = time.GetUtcNow();
            _failures = 0;
        }

        Write(RecordOf(match));
        signals.WakeQueue(); // If Redis is available again, the match moves there.
        waiters.Publish(new MatchChange(match.PlayerIds, match.State));
        return Task.FromResult(true);
    }

    public Task<int?> RetryAsync(MatchClaim claim, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_matches.TryGetValue(claim.MatchId, out var match) || match.Server is not null)
            {
                return Task.FromResult<int?>(null);
            }

            if (++match.Try <= _options.MaxTries)
            {
                return Task.FromResult<int?>(match.Try);
            }

            foreach (var player in match.Players)
            {
                player.Match = null;
                _waiting.Add(player);
            }

            _matches.Remove(match.Id);
            var pause = FirstPause * Math.Pow(2, Math.Min(_failures++, 20));
            _pausedUntil = time.GetUtcNow() + (pause < LongestPause ? pause : LongestPause);
        }

        signals.WakeQueue();
        return Task.FromResult<int?>(null);
    }

    /// <summary>Does nothing: there is no other backend to hand a claim to.</summary>
    public Task HandOverAsync(IReadOnlyCollection<Guid> claims, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<EndOutcome> EndAsync(Guid matchId, RunningGameServer? onlyOn, CancellationToken cancellationToken)
    {
        MemoryMatch? match;
        lock (_lock)
        {
            if (!_matches.TryGetValue(matchId, out match))
            {
                return Task.FromResult(EndOutcome.Unknown);
            }

            if (match.Ended is not null || match.Server is null)
            {
                return Task.FromResult(match.Server is null ? EndOutcome.NotStarted : EndOutcome.AlreadyEnded);
            }

            if (onlyOn is not null && onlyOn != match.Server)
            {
                return Task.FromResult(EndOutcome.OnOtherServer);
            }

            match.Ended = time.GetUtcNow();
            _ended.Enqueue(match);
        }

        Write(RecordOf(match));
        waiters.Publish(new MatchChange(match.PlayerIds, match.State));
        return Task.FromResult(EndOutcome.Ended);
    }

    public Task<IReadOnlyList<LiveMatch>> ListLiveAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<LiveMatch>>(
            [
                .. _matches.Values
                    .Where(match => match is { Server: not null, Ended: null })
                    .Select(match => new LiveMatch(match.Server!, identity.Owner, OwnerAlive: true, time.GetUtcNow() - match.AssignedAt)),
            ]);
        }
    }

    public Task<IReadOnlyList<Guid>> ListClaimedAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<Guid>>([.. _matches.Values.Where(match => match.Server is null).Select(match => match.Id)]);
        }
    }

    public Task<IReadOnlyList<OutboxEntry>> ReadAsync(int max, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<OutboxEntry>>([.. _outbox.Take(max)]);
        }
    }

    public Task TrimAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var gone = ids.ToHashSet(StringComparer.Ordinal);
            for (var node = _outbox.First; node is not null && gone.Count > 0;)
            {
                var next = node.Next;
                if (gone.Remove(node.Value.Id))
                {
                    _outbox.Remove(node);
                }

                node = next;
            }
        }

        return Task.CompletedTask;
    }

    public Task WaitForEntriesAsync(CancellationToken cancellationToken) => signals.WaitForOutboxAsync(cancellationToken);

    /// <summary>Removes a player who now waits in Redis. Returns false when the player is no longer waiting here.</summary>
    public bool Release(MemoryPlayer player)
    {
        lock (_lock)
        {
            return _waiting.Remove(player) && _players.Remove(player.Id);
        }
    }

    /// <summary>Removes a match whose end Redis knows.</summary>
    public void Forget(Guid matchId)
    {
        lock (_lock)
        {
            if (_matches.TryGetValue(matchId, out var match) && match.Ended is not null)
            {
                Drop(match);
            }
        }
    }

    /// <summary>Removes a match that is now live in Redis. Returns false when the match has ended.</summary>
    public bool Release(Guid matchId)
    {
        lock (_lock)
        {
            if (!_matches.TryGetValue(matchId, out var match) || match.Ended is not null)
            {
                return false;
            }

            Drop(match);
            return true;
        }
    }

    /// <summary>Adds a record to the outbox when it has no other way to Postgres.</summary>
    public void Write(MatchRecord record)
    {
        lock (_lock)
        {
            _outbox.AddLast(new OutboxEntry($"memory-{++_entries}", record));
        }

        signals.WakeOutbox();
    }

    private MemoryMatch? Form()
    {
        var now = time.GetUtcNow();
        if (_waiting.Count == 0 || _frozen || now < _pausedUntil)
        {
            return null;
        }

        var partial = _waiting.Count >= _options.MinPartialSessionSize && now - _waiting.Min!.Since >= _options.FlushWait;
        if (_waiting.Count < _options.SessionSize && !partial)
        {
            return null;
        }

        var match = new MemoryMatch(Guid.NewGuid(), [.. _waiting.Take(_options.SessionSize)], now);
        _matches.Add(match.Id, match);
        foreach (var player in match.Players)
        {
            _waiting.Remove(player);
            player.Match = match;
        }

        return match;
    }

    private TimeSpan? NextFlush()
    {
        if (_waiting.Count == 0 || _frozen || _waiting.Count < Math.Min(_options.MinPartialSessionSize, _options.SessionSize))
        {
            return null;
        }

        var due = _waiting.Count >= _options.SessionSize ? _pausedUntil : _waiting.Min!.Since + _options.FlushWait;
        var wait = (due > _pausedUntil ? due : _pausedUntil) - time.GetUtcNow();
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private MatchRecord RecordOf(MemoryMatch match) => new()
    {
        SessionId = match.Id,
        Players = match.PlayerIds,
        BackendPod = identity.Name,
        GameServerPod = match.Server!.Name,
        CreatedAt = match.CreatedAt,
        EndedAt = match.Ended,
    };

    private void ForgetOld()
    {
        while (_ended.TryPeek(out var match) && time.GetUtcNow() - match.Ended >= EndedTimeToLive)
        {
            _ended.Dequeue();
            Drop(match);
        }
    }

    private void Drop(MemoryMatch match)
    {
        _matches.Remove(match.Id);
        foreach (var player in match.Players.Where(p => _players.GetValueOrDefault(p.Id) == p))
        {
            _players.Remove(player.Id);
        }
    }
}
