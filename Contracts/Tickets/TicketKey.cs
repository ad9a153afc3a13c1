using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace GameStack.Contracts.Tickets;

/// <summary>A public key that verifies tickets. Nothing is loaded from the cryptographic library before the first ticket.</summary>
public sealed class TicketKey : IDisposable
{
    private readonly byte[] _publicKey;

    /// <summary>One loaded key for reuse: an instance must not be used by two threads at once.</summary>
    private ECDsa? _idle;

    /// <param name="id">What a ticket's header calls the key: see <see cref="IdOf"/>.</param>
    /// <param name="publicKey">A P-256 key as SubjectPublicKeyInfo.</param>
    /// <exception cref="ArgumentException"><paramref name="publicKey"/> does not have the form of such a key.</exception>
    public TicketKey(string id, byte[] publicKey)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        if (!P256PublicKey.HasForm(publicKey))
        {
            throw new ArgumentException("The key is not a P-256 public key.", nameof(publicKey));
        }

        (Id, _publicKey) = (id, publicKey);
    }

    public string Id { get; }

    /// <summary>The key as SubjectPublicKeyInfo.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>The thumbprint of the key as a JWK (RFC 7638), which identifies it wherever it is used.</summary>
    /// <param name="publicKey">A P-256 key as SubjectPublicKeyInfo.</param>
    public static string IdOf(ReadOnlySpan<byte> publicKey)
    {
        var point = P256PublicKey.PointOf(publicKey);
        var (x, y) = (Base64Url.EncodeToString(point[..32]), Base64Url.EncodeToString(point[32..]));
        var jwk = $$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}""";
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(jwk)));
    }

    /// <summary>The public keys in a PEM text, in its order. A private key stands for its public key.</summary>
    /// <exception cref="ArgumentException">The text has no key, or one that is not a P-256 key.</exception>
    public static IReadOnlyList<TicketKey> ReadPem(string pem)
    {
        var keys = new List<TicketKey>();
        foreach (var imported in ImportPem(pem))
        {
            using (imported)
            {
                keys.Add(Of(imported));
            }
        }

        return keys;
    }

    /// <summary>The public half of a P-256 key.</summary>
    public static TicketKey Of(ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var publicKey = key.ExportSubjectPublicKeyInfo();
        return new TicketKey(IdOf(publicKey), publicKey);
    }

    /// <summary>All keys in a PEM text, private or public, in its order. The caller disposes of them.</summary>
    /// <exception cref="ArgumentException">The text has no key, or one that is not a P-256 key.</exception>
    public static IReadOnlyList<ECDsa> ImportPem(string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        var keys = new List<ECDsa>();
        var rest = pem.AsSpan();
        while (PemEncoding.TryFind(rest, out var block))
        {
            // OpenSSL writes the curve's name as a block of its own before an EC private key.
            if (!rest[block.Label].SequenceEqual("EC PARAMETERS"))
            {
                keys.Add(Import(rest[block.Location]));
            }

            rest = rest[block.Location.End..];
        }

        return keys.Count > 0 ? keys : throw new ArgumentException("The text has no key in PEM format.", nameof(pem));
    }

    public void Dispose() => Interlocked.Exchange(ref _idle, null)?.Dispose();

    internal bool Verifies(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        var key = Interlocked.Exchange(ref _idle, null);
        try
        {
            if (key is null)
            {
                key = ECDsa.Create();
                key.ImportSubjectPublicKeyInfo(_publicKey, out _);
            }

            return key.VerifyData(data, signature, HashAlgorithmName.SHA256);
        }
        catch (CryptographicException)
        {
            return false; // The point is not on the curve.
        }
        finally
        {
            Interlocked.Exchange(ref _idle, key)?.Dispose();
        }
    }

    private static ECDsa Import(ReadOnlySpan<char> pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (P256PublicKey.HasForm(key.ExportSubjectPublicKeyInfo()))
            {
                return key;
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new ArgumentException("The text has a key that is not a P-256 key in PEM format.", nameof(pem), e);
        }

        key.Dispose();
        throw new ArgumentException("The text has a key that is not on the curve P-256.", nameof(pem));
    }
}
