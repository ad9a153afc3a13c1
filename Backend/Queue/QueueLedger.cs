using System.Collections.Concurrent;
using GameStack.Backend.GameServers;
using GameStack.Backend.Records;

namespace GameStack.Backend.Queue;

/// <summary>
/// Keeps what this backend learned from Redis and told its players, for when Redis is unavailable or has come back empty:
/// the joins it accepted that are not matched yet, the matches it assigned, and where each player was matched, by any backend. Of a match
/// that is older than this backend it learns when Redis is asked about one of the players.
/// </summary>
internal sealed class QueueLedger(BackendIdentity identity, TimeProvider time)
{
    /// <summary>As many as records: beyond that, a player who has left may be in the queue again until silent.</summary>
    private const int MostLeaves = 100_000;

    private readonly ConcurrentDictionary<string, LedgerJoin> _joins = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (PlayerState State, long HeardAs)> _matched = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, LedgerMatch> _matches = [];
    private readonly ConcurrentDictionary<Guid, LedgerMatch> _ended = [];

    /// <summary>The match in <see cref="_ended"/> that each player was told of, and has not joined again since.</summary>
    private readonly ConcurrentDictionary<string, Guid> _endedOf = new(StringComparer.Ordinal);

    /// <summary>When each player left, of whose leave Redis does not know.</summary>
    private readonly ConcurrentDictionary<string, long> _left = new(StringComparer.Ordinal);

    private long _heard;

    public IEnumerable<LedgerJoin> Joins => _joins.Values.OrderBy(join => join.JoinedAt);

    public IEnumerable<LedgerMatch> Matches => _matches.Values;

    /// <summary>
    /// Matches that ended on these servers while Redis could not be told.
    /// Another backend may since have given the match a different server.
    /// </summary>
    public IEnumerable<LedgerMatch> UntoldEnds => _ended.Values;

    /// <summary>
    /// The players who left this backend's memory while Redis could not be told, and when, as a timestamp of the clock. Redis may have an
    /// earlier join of theirs.
    /// </summary>
    public IEnumerable<KeyValuePair<string, long>> UntoldLeaves => _left;

    /// <summary>Records a join before it is made. Returns false when an earlier join of the player is already recorded.</summary>
    public bool Joining(string playerId, string traceParent) => Joining(new LedgerJoin(playerId, traceParent, time.GetTimestamp()));

    public bool Joining(LedgerJoin join)
    {
        JoinsAgain(join.PlayerId);
        return _joins.TryAdd(join.PlayerId, join);
    }

    public void Forget(string playerId) => _joins.TryRemove(playerId, out _);

    /// <summary>Records a leave of which Redis does not know.</summary>
    public void Left(string playerId)
    {
        if (_left.Count < MostLeaves)
        {
            _left[playerId] = time.GetTimestamp();
        }
    }

    /// <summary>Forgets a leave and an end that no longer matter, since the player joins again.</summary>
    public void JoinsAgain(string playerId)
    {
        _left.TryRemove(playerId, out _);
        _endedOf.TryRemove(playerId, out _);
    }

    /// <summary>Redis was told of this leave.</summary>
    public void Told(KeyValuePair<string, long> leave) => _left.TryRemove(leave);

    /// <summary>Records a match before Redis is asked to assign it. <see cref="Confirm"/> it if Redis did.</summary>
    public void Assigning(MatchClaim claim, RunningGameServer server) => Assigned(new LedgerMatch(server, new MatchRecord
    {
        SessionId = claim.MatchId,
        Players = claim.Players,
        BackendPod = identity.Name,
        GameServerPod = server.Name,
        CreatedAt = claim.CreatedAt,
    })
    { IsConfirmed = false });

    public void Assigned(LedgerMatch match) => _matches[match.Record.SessionId] = match;

    public void Confirm(Guid matchId)
    {
        // Another thread may take note of its players meanwhile.
        while (_matches.TryGetValue(matchId, out var match) && !match.IsConfirmed
            && !_matches.TryUpdate(matchId, match with { IsConfirmed = true }, match))
        {
        }
    }

    /// <summary>Forgets a match whose claim was lost: it now belongs to another backend.</summary>
    public void Unassign(Guid matchId) => _matches.TryRemove(matchId, out _);

    /// <summary>Forgets a match on this server: the match is live on another server.</summary>
    public void Unassign(RunningGameServer server)
    {
        if (_matches.TryGetValue(server.MatchId, out var match) && match.Server == server)
        {
            _matches.TryRemove(new(server.MatchId, match));
        }
    }

    /// <summary>The number of changes heard so far.</summary>
    public long Heard => Interlocked.Read(ref _heard);

    /// <summary>Takes note of a change that any backend's script has published.</summary>
    public void Hear(MatchChange change)
    {
        var number = Interlocked.Increment(ref _heard);
        foreach (var player in change.Players)
        {
            _joins.TryRemove(player, out _);
            if (change.State.Phase == PlayerPhase.Matched)
            {
                _matched[player] = (change.State, number);
            }
            else
            {
                _matched.TryRemove(player, out _);
            }
        }

        if (change.State.Phase == PlayerPhase.Ended)
        {
            _matches.TryRemove(change.State.MatchId, out _);
        }
        else if (change.State.Phase == PlayerPhase.Matched)
        {
            Correct(change.State);
        }
    }

    /// <summary>Takes note of the match that Redis has just named, which may be older than this backend.</summary>
    /// <param name="playerId">The player whose state it is.</param>
    /// <param name="state">The state.</param>
    /// <param name="heard">What <see cref="Heard"/> was before Redis was asked. What was heard since may be the end of the match.</param>
    public void Found(string playerId, PlayerState state, long heard)
    {
        if (state.Phase != PlayerPhase.Matched || _matched.ContainsKey(playerId) || Heard != heard)
        {
            return;
        }

        Correct(state);
        foreach (var player in state.Players)
        {
            _matched.TryAdd(player, (state, heard));
        }
    }

    /// <summary>Returns <see cref="Matches"/> in the form in which the queue lists live matches.</summary>
    public IEnumerable<LiveMatch> LiveMatches() => _matches.Values.Select(match =>
        new LiveMatch(match.Server, identity.Owner, OwnerAlive: true, time.GetUtcNow() - match.Record.CreatedAt));

    /// <summary>Every match that this backend remembers, with or without having assigned it.</summary>
    public IReadOnlyCollection<Guid> KnownMatches =>
        _matched.Values.Select(player => player.State.MatchId).Concat(_matches.Keys).ToHashSet();

    /// <summary>Forgets matches that were found to be over, and returns the players who were remembered as playing each.</summary>
    /// <param name="over">The matches. One of which another backend has told since is live again, and stays.</param>
    /// <param name="heard">What <see cref="Heard"/> was before anybody was asked which matches are over.</param>
    public IReadOnlyDictionary<Guid, IReadOnlyList<string>> Drop(IReadOnlyCollection<Guid> over, long heard)
    {
        var players = _matched.Where(entry => over.Contains(entry.Value.State.MatchId)).ToLookup(entry => entry.Value.State.MatchId);
        return over.Where(match => players[match].All(player => player.Value.HeardAs <= heard)).ToDictionary(
            match => match,
            match =>
            {
                _matches.TryRemove(match, out _);
                return (IReadOnlyList<string>)[.. players[match].Where(_matched.TryRemove).Select(player => player.Key)];
            });
    }

    public PlayerState? FindMatched(string playerId) => _matched.GetValueOrDefault(playerId).State;

    /// <summary>The player's match among <see cref="UntoldEnds"/>; null if there is none, or the player has joined again since.</summary>
    public PlayerState? FindUntoldEnd(string playerId) =>
        _endedOf.TryGetValue(playerId, out var match) ? PlayerState.Ended(match) : null;

    /// <summary>Forgets that the player was in this match, which is over for the player.</summary>
    public void ForgetMatched(string playerId, Guid? matchId)
    {
        if (_matched.TryGetValue(playerId, out var matched) && matched.State.MatchId == matchId)
        {
            _matched.TryRemove(new(playerId, matched));
        }
    }

    /// <summary>
    /// Ends a match and returns its record. Returns null if this backend did not assign the match, or assigned it to another server, or
    /// does not know whether it did: then its players may still wait.
    /// </summary>
    public MatchRecord? End(Guid matchId, RunningGameServer? onlyOn, string endedBy)
    {
        if (!_matches.TryGetValue(matchId, out var match) || !match.IsConfirmed || (onlyOn is not null && onlyOn != match.Server)
            || !_matches.TryRemove(new(matchId, match)))
        {
            return null;
        }

        var ended = match.Record with { EndedAt = time.GetUtcNow(), EndedBy = endedBy };
        _ended[matchId] = match with { Record = ended };
        foreach (var player in match.Record.Players.Where(player => FindMatched(player)?.MatchId == matchId))
        {
            _endedOf[player] = matchId;
            _matched.TryRemove(player, out _);
        }

        return ended;
    }

    public bool IsUntoldEnd(Guid matchId) => _ended.ContainsKey(matchId);

    public void Told(Guid matchId)
    {
        if (_ended.TryRemove(matchId, out var match))
        {
            foreach (var player in match.Record.Players)
            {
                _endedOf.TryRemove(new(player, matchId));
            }
        }
    }

    /// <summary>
    /// Takes note of who plays an own match, and in which seats: players may have left, or have been in another match, before it was live.
    /// </summary>
    private void Correct(PlayerState state)
    {
        if (_matches.TryGetValue(state.MatchId, out var match) && (state.Host, state.Port) == (match.Server.Host, match.Server.Port))
        {
            var corrected = new LedgerMatch(
                match.Server with { Admission = state.Admission }, match.Record with { Players = state.Players });
            _matches.TryUpdate(state.MatchId, corrected, match);
        }
    }
}
