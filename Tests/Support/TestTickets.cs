using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GameStack.Contracts.Tickets;

namespace GameStack.Tests.Support;

/// <summary>Makes tickets by hand, right ones and wrong ones, without any code of the product that signs them.</summary>
public sealed class TestTickets : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public TestTickets() => Key = TicketKey.Of(_key);

    /// <summary>The public key that verifies the tickets.</summary>
    public TicketKey Key { get; }

    public string PublicPem => _key.ExportSubjectPublicKeyInfoPem();

    public string PrivatePem => _key.ExportPkcs8PrivateKeyPem();

    /// <summary>What a server is told that takes these tickets.</summary>
    public TicketTerms Terms(string server = "game-server-1") => new() { Server = server, Keys = [Key] };

    /// <summary>A ticket's header, to be changed by a test.</summary>
    public JsonObject Header() => new() { ["alg"] = "ES256", ["typ"] = "JWT", ["kid"] = Key.Id };

    /// <summary>A ticket's payload, to be changed by a test.</summary>
    public static JsonObject Payload(
        string player, Guid matchId, string server = "game-server-1", string address = "127.0.0.1:8080", int seat = 0,
        DateTimeOffset? issuedAt = null)
    {
        var time = (issuedAt ?? DateTimeOffset.UtcNow).ToUnixTimeSeconds();
        return new JsonObject
        {
            ["iss"] = "gamestack",
            ["aud"] = "gamestack:match",
            ["sub"] = player,
            ["sid"] = matchId.ToString(),
            ["srv"] = server,
            ["adr"] = address,
            ["seat"] = seat,
            ["iat"] = time,
            ["exp"] = time + 60,
            ["jti"] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)),
        };
    }

    /// <summary>A ticket that counts where these values are expected.</summary>
    public string Make(
        string player, Guid matchId, string server = "game-server-1", string address = "127.0.0.1:8080", int seat = 0,
        DateTimeOffset? issuedAt = null) => Sign(Header(), Payload(player, matchId, server, address, seat, issuedAt));

    public string Sign(JsonNode header, JsonNode payload) => Sign(Encode(header.ToJsonString()), Encode(payload.ToJsonString()));

    /// <summary>Signs two parts as they are, whatever they are.</summary>
    public string Sign(string header, string payload)
    {
        var signed = $"{header}.{payload}";
        var signature = _key.SignData(Encoding.UTF8.GetBytes(signed), HashAlgorithmName.SHA256);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    /// <summary>A part of a ticket as JSON: 0 for the header, 1 for the payload.</summary>
    public static JsonElement Decode(string ticket, int part) =>
        JsonDocument.Parse(Base64Url.DecodeFromChars(ticket.Split('.')[part])).RootElement;

    public void Dispose()
    {
        Key.Dispose();
        _key.Dispose();
    }
}
