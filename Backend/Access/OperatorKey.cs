using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace GameStack.Backend.Access;

/// <summary>
/// One key of the operators. A browser that has shown it gets a session: the time of its end, signed with a key that is derived from this
/// one. So every backend knows the sessions, and they end when the key is removed.
/// </summary>
internal sealed class OperatorKey
{
    private readonly byte[] _hash;
    private readonly byte[] _sessionKey;

    public OperatorKey(string key)
    {
        var bytes = Encoding.UTF8.GetBytes(key);
        _hash = SHA256.HashData(bytes);
        _sessionKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, bytes, outputLength: 32, info: "gamestack operator session"u8.ToArray());
        Name = Convert.ToHexStringLower(_hash.AsSpan(0, 4));
    }

    /// <summary>Names the key in logs and records without showing it: 8 hexadecimal digits of its SHA-256.</summary>
    public string Name { get; }

    /// <summary>Takes the same time for every text of the same length.</summary>
    public bool Is(string text) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(text)), _hash);

    /// <summary><c>1798761600.q3Vb…</c></summary>
    public string CreateSession(DateTimeOffset end) => CreateSession(end.ToUnixTimeSeconds());

    public bool IsSession(string text, DateTimeOffset now)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot > 0
            && long.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var end)
            && end > now.ToUnixTimeSeconds()
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetBytes(CreateSession(end)));
    }

    private string CreateSession(long end)
    {
        var text = end.ToString(CultureInfo.InvariantCulture);
        return $"{text}.{Base64Url.EncodeToString(HMACSHA256.HashData(_sessionKey, Encoding.ASCII.GetBytes(text)))}";
    }
}
