using System.Collections.Concurrent;

namespace GameStack.Tests.Reliability;

/// <summary>All that players were told. What is written here was acknowledged, so it may not be lost.</summary>
public sealed class PlayerLedger
{
    private readonly ConcurrentDictionary<string, PlayerLife> _open = [];
    private readonly ConcurrentQueue<PlayerLife> _over = [];
    private readonly ConcurrentQueue<string> _broken = [];
    private int _cut;
    private int _refused;
    private int _looks;

    /// <summary>Lives under way.</summary>
    public IReadOnlyList<PlayerLife> Open => [.. _open.Values];

    public IReadOnlyList<PlayerLife> Over => [.. _over];

    /// <summary>Every life, of those that are over first.</summary>
    public IReadOnlyList<PlayerLife> All => [.. Over, .. Open];

    /// <summary>What was seen to be wrong while the load ran.</summary>
    public IReadOnlyList<string> Broken => [.. _broken];

    /// <summary>Calls that were cut off, and made again at another backend.</summary>
    public int Cut => _cut;

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

    public void CountCut() => Interlocked.Increment(ref _cut);

    public void CountRefused() => Interlocked.Increment(ref _refused);

    public void CountLook() => Interlocked.Increment(ref _looks);
}
