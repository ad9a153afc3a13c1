using GameStack.Backend.Queue;

namespace GameStack.Tests.Backend.Queue;

/// <summary>What a queue should hold, kept by the plainest means: who waits in which order, and who is in which match.</summary>
internal sealed class QueueModel
{
    private readonly Dictionary<string, int> _joined = [];
    private readonly List<string> _waiting = [];
    private int _joins;

    public Dictionary<Guid, List<string>> Claimed { get; } = [];

    public Dictionary<Guid, List<string>> Live { get; } = [];

    public IReadOnlyList<string> Waiting => _waiting;

    /// <summary>Matches in a row that got no server, before one did.</summary>
    public int Failures { get; private set; }

    public bool IsWaiting(string player) => _waiting.Contains(player);

    public bool IsClaimed(string player) => Claimed.Values.Any(players => players.Contains(player));

    public bool IsLive(string player) => Live.Values.Any(players => players.Contains(player));

    public void Join(string player)
    {
        if (!_waiting.Contains(player) && !Claimed.Values.Concat(Live.Values).Any(players => players.Contains(player)))
        {
            _joined[player] = ++_joins;
            _waiting.Add(player);
        }
    }

    /// <summary>Answers whether the player may leave.</summary>
    public bool Leave(string player)
    {
        if (_waiting.Remove(player))
        {
            return true;
        }

        foreach (var (match, players) in Claimed.Where(claim => claim.Value.Remove(player)).ToList())
        {
            if (players.Count == 0)
            {
                Claimed.Remove(match);
            }

            return true;
        }

        return false;
    }

    /// <summary>A claim that the queue gave out: a new match must be those who have waited longest, one taken over must be known.</summary>
    public void Claim(MatchClaim claim)
    {
        if (Claimed.TryGetValue(claim.MatchId, out var known))
        {
            Assert.Equal(known, claim.Players);
            return;
        }

        Assert.Equal(_waiting.Take(claim.Players.Count), claim.Players);
        _waiting.RemoveRange(0, claim.Players.Count);
        Claimed.Add(claim.MatchId, [.. claim.Players]);
    }

    public void GiveBack(Guid match)
    {
        _waiting.AddRange(Claimed[match]);
        _waiting.Sort((a, b) => _joined[a].CompareTo(_joined[b]));
        Claimed.Remove(match);
    }

    /// <summary>The last try at a server failed.</summary>
    public void Fail(Guid match)
    {
        Failures++;
        GiveBack(match);
    }

    public void Assign(Guid match)
    {
        Failures = 0;
        Live.Add(match, Claimed[match]);
        Claimed.Remove(match);
    }

    public void End(Guid match) => Live.Remove(match);
}
