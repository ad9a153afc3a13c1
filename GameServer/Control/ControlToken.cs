using System.Security.Cryptography;
using System.Text;

namespace GameStack.GameServer.Control;

/// <summary>The secret that opens the control port. The time that a comparison takes reveals neither the secret nor its length.</summary>
internal sealed class ControlToken : IControlCredential
{
    public const int MaxBytes = 256;

    private readonly byte[] _padded = new byte[MaxBytes + 1];
    private readonly bool _isSet;

    /// <param name="token">At most <see cref="MaxBytes"/> as UTF-8; null or empty matches nothing.</param>
    public ControlToken(string? token)
    {
        _isSet = !string.IsNullOrEmpty(token);
        Pad(Encoding.UTF8.GetBytes(token ?? ""), _padded);
    }

    public bool Accepts(ReadOnlySpan<byte> token)
    {
        if (token.Length > MaxBytes)
        {
            return false;
        }

        Span<byte> padded = stackalloc byte[MaxBytes + 1];
        Pad(token, padded);
        return CryptographicOperations.FixedTimeEquals(padded, _padded) & _isSet;
    }

    /// <summary>The 1 after the token distinguishes a token that ends in zero bytes from a shorter one.</summary>
    private static void Pad(ReadOnlySpan<byte> token, Span<byte> padded)
    {
        padded.Clear();
        token.CopyTo(padded);
        padded[token.Length] = 1;
    }
}
