using System.Security.Cryptography;
using GameStack.Contracts.Tickets;

namespace GameStack.Backend.Tickets;

/// <summary>A private key that signs tickets. Thread-safe.</summary>
internal sealed class SigningKey : IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _lock = new();

    /// <exception cref="ArgumentException"><paramref name="key"/> is only a public key.</exception>
    public SigningKey(ECDsa key)
    {
        _key = key;
        PublicKey = TicketKey.Of(key);
        try
        {
            _ = Sign([]);
        }
        catch (CryptographicException e)
        {
            throw new ArgumentException("The key is a public key; a private key is needed to sign tickets.", nameof(key), e);
        }
    }

    public TicketKey PublicKey { get; }

    public string Id => PublicKey.Id;

    /// <summary>ES256: the two numbers of the signature, 32 bytes each.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            return _key.SignData(data, HashAlgorithmName.SHA256);
        }
    }

    public void Dispose()
    {
        PublicKey.Dispose();
        _key.Dispose();
    }
}
