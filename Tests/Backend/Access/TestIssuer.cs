using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using GameStack.Tests.Support;

namespace GameStack.Tests.Backend.Access;

/// <summary>Issues tokens for players by hand, right ones and wrong ones.</summary>
internal sealed class TestIssuer : IDisposable
{
    public const string Name = "https://accounts.example.com";
    public const string Audience = "gamestack";

    private readonly TestTickets _key = new();

    public string PublicPem => _key.PublicPem;

    public string PrivatePem => _key.PrivatePem;

    public string KeyId => _key.Key.Id;

    /// <summary>The public key as a JSON Web Key Set.</summary>
    public string KeySet
    {
        get
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(PublicPem);
            var point = key.ExportParameters(includePrivateParameters: false).Q;
            return new JsonObject
            {
                ["keys"] = new JsonArray(new JsonObject
                {
                    ["kty"] = "EC",
                    ["crv"] = "P-256",
                    ["use"] = "sig",
                    ["kid"] = KeyId,
                    ["x"] = Base64(point.X!),
                    ["y"] = Base64(point.Y!),
                }),
            }.ToJsonString();
        }
    }

    public string Issue(string player, Action<JsonObject>? change = null)
    {
        var payload = Payload(player);
        change?.Invoke(payload);
        return _key.Sign(_key.Header(), payload);
    }

    /// <summary>A token that says that it is not signed.</summary>
    public static string IssueUnsigned(string player) =>
        $"{Encode(new JsonObject { ["alg"] = "none", ["typ"] = "JWT" })}.{Encode(Payload(player))}.";

    /// <summary>A token that is signed with a secret, such as the text of the public key.</summary>
    public string IssueWithSecret(string player, byte[] secret, Action<JsonObject>? change = null, string? keyId = null)
    {
        var payload = Payload(player);
        change?.Invoke(payload);
        var signed = $"{Encode(new JsonObject { ["alg"] = "HS256", ["typ"] = "JWT", ["kid"] = keyId ?? KeyId })}.{Encode(payload)}";
        return $"{signed}.{Base64(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}";
    }

    public void Dispose() => _key.Dispose();

    private static JsonObject Payload(string player) => new()
    {
        ["iss"] = Name,
        ["aud"] = Audience,
        ["sub"] = player,
        ["exp"] = In(TimeSpan.FromMinutes(10)),
    };

    public static long In(TimeSpan time) => (DateTimeOffset.UtcNow + time).ToUnixTimeSeconds();

    private static string Encode(JsonObject part) => TestTickets.Encode(part.ToJsonString());

    private static string Base64(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
