using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace GameStack.Backend.Access;

/// <summary>
/// The tokens whose signatures are right, by their hashes, for the keys that count now. Keeps two sets, of which the older one is dropped
/// when the younger one is full. Thread-safe.
/// </summary>
internal sealed class CheckedSignatures
{
    /// <summary>Both sets take about 10 MB.</summary>
    private const int MostPerSet = 50_000;

    private readonly Lock _gate = new();
    private TrustedKeys _keys;
    private HashSet<Hash> _young = [];
    private HashSet<Hash> _old = [];

    /// <summary>Whether the token's signature was checked with these very keys.</summary>
    public bool Contains(string token, TrustedKeys keys)
    {
        var hash = Hash.Of(token);
        lock (_gate)
        {
            if (_keys != keys)
            {
                (_keys, _young, _old) = (keys, [], []);
            }

            if (!_young.Contains(hash) && _old.Contains(hash))
            {
                Keep(hash);
            }

            return _young.Contains(hash);
        }
    }

    public void Add(string token, TrustedKeys keys)
    {
        var hash = Hash.Of(token);
        lock (_gate)
        {
            // Otherwise, the keys have changed during the check.
            if (_keys == keys)
            {
                Keep(hash);
            }
        }
    }

    private void Keep(Hash hash)
    {
        if (_young.Count >= MostPerSet)
        {
            (_young, _old) = ([], _young);
        }

        _young.Add(hash);
    }

    /// <summary>SHA-256 of a token with its signature: nobody can make another token with the same hash.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Hash(UInt128 First, UInt128 Second)
    {
        public static Hash Of(string token)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(Encoding.UTF8.GetBytes(token), hash);
            var halves = MemoryMarshal.Cast<byte, UInt128>(hash);
            return new Hash(halves[0], halves[1]);
        }
    }
}
