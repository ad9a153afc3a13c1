using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using GameStack.Contracts.Tickets;
using GameStack.LoadTester.Run;

namespace GameStack.LoadTester.Stack;

/// <summary>Signs a token (a JWT with ES256) for each simulated player, as an issuer of accounts would.</summary>
internal sealed class PlayerTokens : IDisposable
{
    /// <summary>Longer than any run.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    private readonly LoadSettings _settings;
    private readonly ECDsa _key;
    private readonly string _header;
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, string> _tokens = new(StringComparer.Ordinal);

    private PlayerTokens(LoadSettings settings, ECDsa key)
    {
        (_settings, _key) = (settings, key);
        _header = Encode(new JsonObject { ["alg"] = "ES256", ["typ"] = "JWT", ["kid"] = TicketKey.IdOf(key.ExportSubjectPublicKeyInfo()) });
    }

    /// <summary>Null if players have no tokens.</summary>
    public static PlayerTokens? Of(LoadSettings settings) =>
        settings.JwtKeyFile is { } file ? new PlayerTokens(settings, TicketKey.ImportPem(File.ReadAllText(file))[0]) : null;

    /// <summary>The file's name; null if it has no private key.</summary>
    public static string? KeyFile(string file)
    {
        try
        {
            var keys = TicketKey.ImportPem(File.ReadAllText(file));
            keys[0].SignHash(new byte[SHA256.HashSizeInBytes]);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            return null;
        }
    }

    public string For(string playerId) => _tokens.GetOrAdd(playerId, Sign);

    public void Dispose() => _key.Dispose();

    private string Sign(string playerId)
    {
        var now = DateTimeOffset.UtcNow;
        var signed = _header + "." + Encode(new JsonObject
        {
            ["iss"] = _settings.JwtIssuer,
            ["aud"] = _settings.JwtAudience,
            ["sub"] = playerId,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
        });
        lock (_gate)
        {
            var signature = _key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256);
            return $"{signed}.{Base64Url.EncodeToString(signature)}";
        }
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
