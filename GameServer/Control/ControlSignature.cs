using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using GameStack.Contracts.Lines;

namespace GameStack.GameServer.Control;

/// <summary>Accepts the one token that was signed for this server: see <see cref="ControlSignatures"/>.</summary>
/// <param name="publicKey">A P-256 key as SubjectPublicKeyInfo.</param>
/// <param name="subject">What the token must be signed for.</param>
internal sealed class ControlSignature(byte[] publicKey, string subject) : IControlCredential
{
    /// <summary>SubjectPublicKeyInfo of an uncompressed point on P-256 (RFC 5480), up to the point's 65 bytes.</summary>
    private static ReadOnlySpan<byte> Prefix =>
    [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];

    /// <summary>
    /// Whether these bytes have the form of a key. Checking without the cryptographic library saves its
    /// memory while a server is on standby.
    /// </summary>
    public static bool IsKey(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Prefix.Length + 65 && bytes.StartsWith(Prefix) && bytes[Prefix.Length] == 4;

    public bool Accepts(ReadOnlySpan<byte> token)
    {
        Span<byte> signature = stackalloc byte[ControlSignatures.SignatureBytes];
        if (token.Length != Base64.GetMaxEncodedToUtf8Length(signature.Length)
            || Base64.DecodeFromUtf8(token, signature, out _, out var written) != System.Buffers.OperationStatus.Done
            || written != signature.Length)
        {
            return false;
        }

        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(publicKey, out _);
            return key.VerifyData(Encoding.UTF8.GetBytes(ControlSignatures.MessageFor(subject)), signature, HashAlgorithmName.SHA256);
        }
        catch (CryptographicException)
        {
            return false; // The point is not on the curve.
        }
    }
}
