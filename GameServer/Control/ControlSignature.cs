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
