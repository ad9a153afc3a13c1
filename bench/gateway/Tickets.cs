using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GameStack.Contracts.Tickets;

namespace GameStack.Bench.Gateway;

/// <summary>Match tickets, signed with a key of this run.</summary>
internal sealed class Tickets : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _header;

    public Tickets()
    {
        using var key = TicketKey.Of(_key);
        _header = Encode($$"""{"alg":"ES256","typ":"JWT","kid":"{{key.Id}}"}""");
    }

    public string PublicPem => _key.ExportSubjectPublicKeyInfoPem();

    public static MatchTicket Of(int match)
    {
        var now = DateTimeOffset.UtcNow;
        return new("player", Guid.NewGuid(), $"game-server-{match}", Address(match), Seat: 0, now, now.AddHours(1), Id: "id");
    }

    public string Sign(int match)
    {
        var (ticket, time) = (Of(match), DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        var payload = string.Create(CultureInfo.InvariantCulture, $$"""
            {"iss":"gamestack","aud":"gamestack:match","sub":"{{ticket.Player}}","sid":"{{ticket.MatchId}}","srv":"{{ticket.Server}}",
            "adr":"{{ticket.Address}}","seat":0,"iat":{{time}},"exp":{{time + 3600}},"jti":"{{Guid.NewGuid():N}}"}
            """);
        var signed = $"{_header}.{Encode(payload)}";
        return $"{signed}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    public void Dispose() => _key.Dispose();

    private static string Address(int match) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{MatchPorts.First + match}");

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
