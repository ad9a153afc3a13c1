using System.Collections.Concurrent;

namespace GameStack.Tests.Support.Reliability;

/// <summary>All that players were told. What is written here was acknowledged, so it may not be lost.</summary>
public sealed class PlayerLedger
{
    private readonly ConcurrentDictionary<string, PlayerLife> _open = [];
    private readonly ConcurrentQueue<PlayerLife> _over = [];
    private readonly ConcurrentQueue<string> _broken = [];
    private readonly ConcurrentDictionary<string, int> _unansweredJoins = [];
    private volatile bool _isRedisAway;
    private int _cut;
    private int _refused;
    private int _looks;

    /// <summary>Whether Redis is unavailable, or not yet up to date: then backends may know of different things.</summary>
    public bool IsRedisAway
    {
        get => _isRedisAway;
        set => _isRedisAway = value;
    }

    /// <summary>Lives under way.</summary>
    public IReadOnlyList<PlayerLife> Open => [.. _open.Values];

    public IReadOnlyList<PlayerLife> Over => [.. _over];

    /// <summary>Every life, of those that are over first.</summary>
    public IReadOnlyList<PlayerLife> All => [.. Over, .. Open];

    /// <summary>What was seen to be wrong while the load ran.</summary>
    public IReadOnlyList<string> Broken => [.. _broken];

    /// <summary>Calls that were cut off, and made again at another backend.</summary>
    public int Cut => _cut;

    /// <summary>How many joins of each player were cut off: they count or not, and nobody was told a word of what came of them.</summary>
    public IReadOnlyDictionary<string, int> UnansweredJoins => _unansweredJoins;

    /// <summary>Calls that were refused for a while (503).</summary>
    public int Refused => _refused;

    /// <summary>How often a player's place was compared.</summary>
    public int Looks => _looks;

    public void Write(PlayerLife life)
    {
        if (life.IsOver)
        {
            _open.TryRemove(life.Player, out _);
            _over.Enqueue(life);
        }
        else
        {
            _open[life.Player] = life;
        }
    }

    public PlayerLife? Find(string player) => _open.GetValueOrDefault(player);

    public void Break(string what) => _broken.Enqueue(what);

    public void CountUnansweredJoin(string player) => _unansweredJoins.AddOrUpdate(player, 1, (_, count) => count + 1);

    public void CountCut() => Interlocked.Increment(ref _cut);

    public void CountRefused() => Interlocked.Increment(ref _refused);

    public void CountLook() => Interlocked.Increment(ref _looks);
}
