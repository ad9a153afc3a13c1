using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace GameStack.Backend.Access;

/// <summary>Reads public keys that verify tokens. A key that can also sign has no place in a backend.</summary>
internal static class PublicKeys
{
    private const string Symmetric = "oct";

    /// <summary>All keys of a text: PEM, or a JSON Web Key Set.</summary>
    /// <exception cref="ArgumentException">The text has no key, or something else than public keys.</exception>
    public static IReadOnlyList<SecurityKey> Read(string text)
    {
        var keys = text.AsSpan().TrimStart() is ['{', ..] ? ReadSet(text) : ReadPem(text);
        return keys.Count > 0 ? keys : throw new ArgumentException("The text has no public key.", nameof(text));
    }

    private static IReadOnlyList<SecurityKey> ReadSet(string json)
    {
        try
        {
            var set = JsonWebKeySet.Create(json);
            return set.Keys.Any(key => key.HasPrivateKey || key.Kty == Symmetric)
                ? throw new ArgumentException("The set has a key that is not public.", nameof(json))
                : [.. set.GetSigningKeys()];
        }
        catch (JsonException e)
        {
            throw new ArgumentException("The text is not a JSON Web Key Set.", nameof(json), e);
        }
    }

    private static List<SecurityKey> ReadPem(string pem)
    {
        var keys = new List<SecurityKey>();
        var rest = pem.AsSpan();
        while (PemEncoding.TryFind(rest, out var block))
        {
            if (rest[block.Label] is not ("PUBLIC KEY" or "RSA PUBLIC KEY"))
            {
                throw new ArgumentException("The text has something else than public keys.", nameof(pem));
            }

            keys.Add(Import(rest[block.Location]));
            rest = rest[block.Location.End..];
        }

        return keys;
    }

    private static AsymmetricSecurityKey Import(ReadOnlySpan<char> pem)
    {
        var (curve, rsa) = (ECDsa.Create(), RSA.Create());
        try
        {
            curve.ImportFromPem(pem);
            return new ECDsaSecurityKey(curve);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // Not on a curve.
        }

        try
        {
            rsa.ImportFromPem(pem);
            return new RsaSecurityKey(rsa);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ArgumentException("The text has a key that is neither EC nor RSA.", nameof(pem), e);
        }
    }
}
