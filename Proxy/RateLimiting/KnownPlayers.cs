using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace GameStack.Proxy.RateLimiting;

/// <summary>
/// The players who have joined from an address lately: for one to two minutes from the join that counted. A later join does not extend
/// this, or an address could collect any number of players who come back all at once. Keeps two sets of hashes, of which the older one is
/// dropped. Thread-safe.
/// </summary>
internal sealed class KnownPlayers(TimeProvider time)
{
    internal static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    /// <summary>A set that has so many players is full before its time: a hundred thousand take 3 MB.</summary>
    private const int MostPerSet = 100_000;

    /// <summary>So often a player may come back; a join beyond that counts again. Each may cost a match and its server.</summary>
    private const int MostReturns = 10;

    /// <summary>Nobody outside can find two players with one hash.</summary>
    private readonly byte[] _salt = RandomNumberGenerator.GetBytes(16);
    private readonly Lock _gate = new();
    private Dictionary<ulong, int> _young = [];
    private Dictionary<ulong, int> _old = [];
    private long _youngSince = time.GetTimestamp();

    /// <summary>Whether the player is known and has not come back too often. Counts as coming back.</summary>
    public bool Returns(IPAddress network, string playerId)
    {
        var hash = HashOf(network, playerId);
        lock (_gate)
        {
            Age();
            var known = _young.ContainsKey(hash) ? _young : _old;
            return known.TryGetValue(hash, out var returns) && (known[hash] = returns + 1) <= MostReturns;
        }
    }

    public void Add(IPAddress network, string playerId)
    {
        var hash = HashOf(network, playerId);
        lock (_gate)
        {
            Age();
            _young[hash] = 0;
        }
    }

    private void Age()
    {
        var age = time.GetElapsedTime(_youngSince);
        if (age < Memory && _young.Count < MostPerSet)
            return;

        _old = age < 2 * Memory ? _young : [];
        _young = [];
        _youngSince = time.GetTimestamp();
    }

    private ulong HashOf(IPAddress network, string playerId)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData([.. _salt, .. network.GetAddressBytes(), .. Encoding.Unicode.GetBytes(playerId)], hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
