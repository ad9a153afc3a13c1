namespace GameStack.Contracts;

/// <summary>The form of a P-256 public key as SubjectPublicKeyInfo.</summary>
public static class P256PublicKey
{
    /// <summary>The length of the key's point, after the byte that says that it is uncompressed.</summary>
    private const int PointBytes = 64;

    /// <summary>SubjectPublicKeyInfo of an uncompressed point on P-256 (RFC 5480), up to the point.</summary>
    private static ReadOnlySpan<byte> Prefix =>
    [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
    ];

    /// <summary>
    /// Whether these bytes have the form of a key; the point need not be on the curve. Checking without the cryptographic library saves
    /// its memory while a server is on standby.
    /// </summary>
    public static bool HasForm(ReadOnlySpan<byte> key) => key.Length == Prefix.Length + PointBytes && key.StartsWith(Prefix);

    /// <summary>The key's point: its coordinates x and y, 32 bytes each.</summary>
    /// <param name="key">Bytes that have the form of a key.</param>
    public static ReadOnlySpan<byte> PointOf(ReadOnlySpan<byte> key) => key[^PointBytes..];
}
