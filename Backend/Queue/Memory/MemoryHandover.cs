using GameStack.Backend.Records;

namespace GameStack.Backend.Queue.Memory;

/// <summary>Takes out of the in-memory queue, one by one, what has been brought to Redis.</summary>
internal sealed class MemoryHandover(MemoryState state, QueueSignals signals)
{
    /// <summary>Whether memory has neither a waiting player nor a match that Redis does not know.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (state.Lock)
            {
                return state.Line.Players.Count == 0 && !state.Matches.Any();
            }
        }
    }

    /// <summary>Whether the player waits or plays in memory.</summary>
    public bool Holds(string playerId)
    {
        lock (state.Lock)
        {
            return state.FindPlayer(playerId) is { IsOver: false };
        }
    }

    /// <summary>Whether the match was formed in memory and is not forgotten.</summary>
    public bool Holds(Guid matchId)
    {
        lock (state.Lock)
        {
            return state.FindMatch(matchId) is not null;
        }
    }

    /// <summary>The waiting players, in the order of their joins. If there are any, no match forms until <see cref="Thaw"/>.</summary>
    public IReadOnlyList<MemoryPlayer> FreezeWaiting()
    {
        lock (state.Lock)
        {
            state.Line.IsFrozen = state.Line.Players.Count > 0;
            return [.. state.Line.Players];
        }
    }

    public void Thaw()
    {
        lock (state.Lock)
        {
            state.Line.IsFrozen = false;
        }

        signals.WakeQueue();
    }

    /// <summary>The players of the matches that have no server yet.</summary>
    public IReadOnlyList<MemoryPlayer> Claimed()
    {
        lock (state.Lock)
        {
            return [.. state.Matches.Where(match => match.Server is null).SelectMany(match => match.Players)];
        }
    }

    /// <summary>Takes a player out of a match that has no server yet: the player is in a live match elsewhere, or has left.</summary>
    public void Withdraw(MemoryPlayer player)
    {
        lock (state.Lock)
        {
            if (player.Match is { Server: null } && state.FindPlayer(player.Id) == player)
            {
                state.Leave(player);
            }
        }
    }

    public IReadOnlyList<LedgerMatch> LiveMatches()
    {
        lock (state.Lock)
        {
            return [.. state.Matches.Where(match => match.IsLive).Select(match => new LedgerMatch(match.Server!, state.RecordOf(match)))];
        }
    }

    /// <summary>The matches that have ended and are not forgotten yet.</summary>
    public IReadOnlyList<MatchRecord> EndedMatches()
    {
        lock (state.Lock)
        {
            return [.. state.Matches.Where(match => match.Ended is not null).Select(state.RecordOf)];
        }
    }

    /// <summary>Removes a player who now waits in Redis. Returns false when the player no longer waits in memory.</summary>
    public bool Release(MemoryPlayer player)
    {
        lock (state.Lock)
        {
            if (player.Match is not null || state.FindPlayer(player.Id) != player)
            {
                return false;
            }

            state.Leave(player);
            return true;
        }
    }

    /// <summary>Removes a match that is now live in Redis. Returns false when the match has ended.</summary>
    public bool Release(Guid matchId)
    {
        lock (state.Lock)
        {
            if (state.FindMatch(matchId) is not { Ended: null } match)
            {
                return false;
            }

            state.Drop(match);
            return true;
        }
    }

    /// <summary>Removes a match whose end Redis knows.</summary>
    public void Forget(Guid matchId)
    {
        lock (state.Lock)
        {
            if (state.FindMatch(matchId) is { Ended: not null } match)
            {
                state.Drop(match);
            }
        }
    }
}
