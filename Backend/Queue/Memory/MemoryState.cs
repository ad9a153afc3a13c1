using GameStack.Backend.GameServers;
using GameStack.Backend.Records;

namespace GameStack.Backend.Queue.Memory;

/// <summary>Who waits and plays in this backend's memory. Every member is used under <see cref="Lock"/>.</summary>
/// <param name="rules">The rules by which matches form.</param>
/// <param name="identity">This backend.</param>
/// <param name="time">The clock.</param>
/// <param name="hearsAll">
/// Whether every poll of a player reaches this backend. If Redis is only unavailable, polls reach other backends too, and nobody counts as
/// silent.
/// </param>
internal sealed class MemoryState(CurrentRules rules, BackendIdentity identity, TimeProvider time, bool hearsAll)
{
    private readonly Dictionary<string, MemoryPlayer> _players = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, MemoryMatch> _matches = [];
    private readonly SortedSet<Guid> _live = [];
    private readonly Queue<MemoryMatch> _ended = new();
    private long _joins;

    public Lock Lock { get; } = new();

    public MemoryLine Line { get; } = new(rules, time, hearsAll);

    public IEnumerable<MemoryMatch> Matches => _matches.Values;

    public int LiveCount => _live.Count;

    public MemoryPlayer? FindPlayer(string playerId) => _players.GetValueOrDefault(playerId);

    /// <summary>The live matches in the order of their ids, after this one if there is one.</summary>
    public IEnumerable<MemoryMatch> LiveAfter(Guid? after)
    {
        var ids = after is { } last ? _live.GetViewBetween(last, Guid.AllBitsSet).Where(id => id != last) : _live;
        return ids.Select(id => _matches[id]);
    }

    public MemoryMatch? FindMatch(Guid matchId) => _matches.GetValueOrDefault(matchId);

    /// <summary>Puts a player at the end of the line.</summary>
    public MemoryPlayer Join(string playerId, string traceParent)
    {
        var player = new MemoryPlayer(playerId, traceParent, time, ++_joins);
        _players[playerId] = player;
        Line.Add(player);
        return player;
    }

    /// <summary>Takes a player out of the line, or out of the match that has no server yet and goes on without the player.</summary>
    public void Leave(MemoryPlayer player)
    {
        _players.Remove(player.Id);
        Line.Remove(player);
        if (player.Match is { } match)
        {
            match.Players.Remove(player);
            if (match.Players.Count == 0)
            {
                _matches.Remove(match.Id);
            }
        }
    }

    /// <summary>Takes the players out of the line who have been silent for too long, and returns them.</summary>
    public IReadOnlyList<string> ForgetSilent()
    {
        var silent = Line.FindSilent();
        foreach (var player in silent)
        {
            Leave(player);
        }

        return [.. silent.Select(player => player.Id)];
    }

    /// <summary>Forms a match if the rules allow it.</summary>
    public MemoryMatch? Form()
    {
        if (Line.TakeMatch() is not { Count: > 0 } players)
        {
            return null;
        }

        var match = new MemoryMatch(Guid.NewGuid(), players, time.GetUtcNow());
        _matches.Add(match.Id, match);
        foreach (var player in players)
        {
            player.Match = match;
        }

        return match;
    }

    /// <summary>Puts the players of a match that has no server back to their places in the line.</summary>
    public void Dissolve(MemoryMatch match)
    {
        foreach (var player in match.Players)
        {
            player.Match = null;
            Line.Add(player);
        }

        _matches.Remove(match.Id);
    }

    public void Assign(MemoryMatch match, RunningGameServer server)
    {
        (match.Server, match.AssignedAt) = (server, time.GetTimestamp());
        _live.Add(match.Id);
    }

    public void End(MemoryMatch match, string endedBy)
    {
        _live.Remove(match.Id);
        (match.Ended, match.EndedAt, match.EndedBy) = (time.GetUtcNow(), time.GetTimestamp(), endedBy);
        _ended.Enqueue(match);
    }

    /// <summary>Forgets a match and its players, except those who have joined again.</summary>
    public void Drop(MemoryMatch match)
    {
        _live.Remove(match.Id);
        _matches.Remove(match.Id);
        foreach (var player in match.Players.Where(p => _players.GetValueOrDefault(p.Id) == p))
        {
            _players.Remove(player.Id);
        }
    }

    /// <summary>Forgets the matches that ended long ago.</summary>
    public void DropOld()
    {
        while (_ended.TryPeek(out var match) && time.GetElapsedTime(match.EndedAt) >= QueueLimits.EndedTimeToLive)
        {
            _ended.Dequeue();
            Drop(match);
        }
    }

    public MatchRecord RecordOf(MemoryMatch match) => new()
    {
        SessionId = match.Id,
        Players = match.PlayerIds,
        BackendPod = identity.Name,
        GameServerPod = match.Server!.Name,
        CreatedAt = match.CreatedAt,
        EndedAt = match.Ended,
        EndedBy = match.EndedBy,
    };
}
