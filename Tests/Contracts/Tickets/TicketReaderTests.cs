using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using GameStack.Contracts.Tickets;
using GameStack.Tests.Support;

namespace GameStack.Tests.Contracts.Tickets;

public sealed class TicketReaderTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);
    private static readonly Guid MatchId = Guid.Parse("0b6e2a8e-7d52-4f6c-9a54-7f6f1c9d2a11");

    private readonly TestTickets _tickets = new();
    private readonly TicketReader _reader;

    public TicketReaderTests() => _reader = new TicketReader([_tickets.Key], ClockSkew);

    public void Dispose() => _tickets.Dispose();

    [Theory]
    [InlineData("p1")]
    [InlineData("a \"quoted\" \\ name")]
    [InlineData("игрок 玩家 🎮")]
    public void A_ticket_says_who_plays_where(string player)
    {
        var token = _tickets.Make(player, MatchId, "game-server-0b6e2a8e", "[fd00::7]:8080", seat: 3, issuedAt: Now);

        Assert.True(_reader.TryRead(Encoding.UTF8.GetBytes(token), Now, out var ticket, out var refusal));
        Assert.Equal(TicketRefusal.None, refusal);
        var id = TestTickets.Decode(token, 1).GetProperty("jti").GetString()!;
        var expected = new MatchTicket(player, MatchId, "game-server-0b6e2a8e", "[fd00::7]:8080", 3, Now, Now.AddSeconds(60), id);
        Assert.Equal(expected, ticket);
        Assert.Equal(Now.AddSeconds(360), _reader.EndOf(ticket));
    }

    [Fact]
    public void The_ticket_of_the_longest_player_id_can_be_read()
    {
        var player = new string('玩', 128);
        var token = _tickets.Make(player, MatchId, new string('s', 63), $"[{new string('f', 39)}]:65535", seat: 99, issuedAt: Now);

        Assert.InRange(token.Length, 1_400, TicketReader.MaxBytes);
        Assert.True(_reader.TryRead(Encoding.UTF8.GetBytes(token), Now, out var ticket, out _));
        Assert.Equal(player, ticket.Player);
    }

    [Theory]
    [InlineData(0, TicketRefusal.None)]
    [InlineData(359, TicketRefusal.None)]
    [InlineData(360, TicketRefusal.Expired)]
    [InlineData(1_000_000, TicketRefusal.Expired)]
    [InlineData(-200, TicketRefusal.None)] // The issuer's clock may be ahead.
    public void A_ticket_counts_until_its_expiry_and_the_clock_skew(int secondsLater, TicketRefusal expected) =>
        Assert.Equal(expected, Read(_tickets.Make("p1", MatchId, issuedAt: Now), Now.AddSeconds(secondsLater)));

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("HS256")]
    [InlineData("ES384")]
    [InlineData("RS256")]
    [InlineData("es256")]
    [InlineData(null)]
    public void Only_the_one_algorithm_counts(string? algorithm)
    {
        var header = _tickets.Header();
        header["alg"] = algorithm;

        Assert.Equal(TicketRefusal.WrongAlgorithm, Read(_tickets.Sign(header, Payload())));
        var unsigned = $"{TestTickets.Encode(header.ToJsonString())}.{TestTickets.Encode(Payload().ToJsonString())}.";
        Assert.Equal(TicketRefusal.WrongAlgorithm, Read(unsigned));
    }

    [Fact]
    public void An_unsigned_ticket_that_claims_to_be_signed_does_not_count()
    {
        var token = _tickets.Make("p1", MatchId, issuedAt: Now);

        Assert.Equal(TicketRefusal.BadSignature, Read(token[..(token.LastIndexOf('.') + 1)]));
    }

    [Fact]
    public void A_key_that_signs_with_its_own_text_as_a_secret_does_not_count()
    {
        var header = _tickets.Header();
        header["alg"] = "HS256";
        var signed = $"{TestTickets.Encode(header.ToJsonString())}.{TestTickets.Encode(Payload().ToJsonString())}";
        var signature = HMACSHA256.HashData(_tickets.Key.PublicKey, Encoding.UTF8.GetBytes(signed));

        Assert.Equal(TicketRefusal.WrongAlgorithm, Read($"{signed}.{System.Buffers.Text.Base64Url.EncodeToString(signature)}"));
    }

    [Fact]
    public void A_ticket_of_another_key_does_not_count()
    {
        using var others = new TestTickets();
        Assert.Equal(TicketRefusal.UnknownKey, Read(others.Make("p1", MatchId, issuedAt: Now)));

        Assert.Equal(TicketRefusal.BadSignature, Read(others.Sign(_tickets.Header(), Payload())));
    }

    [Fact]
    public void A_ticket_without_a_key_id_does_not_count()
    {
        var header = _tickets.Header();
        header.Remove("kid");

        Assert.Equal(TicketRefusal.UnknownKey, Read(_tickets.Sign(header, Payload())));
    }

    [Fact]
    public void A_change_anywhere_in_a_ticket_is_noticed()
    {
        var token = _tickets.Make("p1", MatchId, issuedAt: Now);
        for (var i = 0; i < token.Length; i++)
        {
            var changed = token.ToCharArray();
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            var refusal = Read(new string(changed));

            // The last character has bits that mean nothing.
            Assert.True(refusal != TicketRefusal.None || i == token.Length - 1, $"Position {i} of {token}.");
        }
    }

    [Fact]
    public void Several_keys_count_side_by_side()
    {
        using var others = new TestTickets();
        var reader = new TicketReader([others.Key, _tickets.Key], ClockSkew);

        Assert.True(reader.TryRead(Encoding.UTF8.GetBytes(_tickets.Make("p1", MatchId, issuedAt: Now)), Now, out _, out _));
        Assert.True(reader.TryRead(Encoding.UTF8.GetBytes(others.Make("p1", MatchId, issuedAt: Now)), Now, out _, out _));
    }

    [Theory]
    [InlineData("iss", "\"somebody\"")]
    [InlineData("aud", "\"gamestack:api\"")]
    [InlineData("aud", "[\"gamestack:match\"]")]
    [InlineData("aud", null)]
    public void A_token_for_another_purpose_does_not_count(string claim, string? value) =>
        Assert.Equal(TicketRefusal.WrongAudience, ReadWith(claim, value));

    [Theory]
    [InlineData("sub", null)]
    [InlineData("sub", "7")]
    [InlineData("sid", "\"0b6e2a8e\"")]
    [InlineData("srv", null)]
    [InlineData("adr", "{}")]
    [InlineData("seat", "-1")]
    [InlineData("seat", "1.5")]
    [InlineData("seat", "\"0\"")]
    [InlineData("seat", "99999999999")]
    [InlineData("iat", null)]
    [InlineData("exp", "\"1800000060\"")]
    [InlineData("exp", "1e30")]
    [InlineData("exp", "9223372036854775807")]
    [InlineData("exp", "-1")]
    [InlineData("jti", "[]")]
    public void A_claim_that_is_missing_or_wrong_is_noticed(string claim, string? value) =>
        Assert.Equal(TicketRefusal.Malformed, ReadWith(claim, value));

    [Theory]
    [InlineData("nbf", "1")]
    [InlineData("extra", "{\"a\":[1,{\"b\":2}]}")]
    [InlineData("extra", "[[],{},null,true]")]
    public void A_claim_that_this_reader_does_not_know_is_ignored(string claim, string value) =>
        Assert.Equal(TicketRefusal.None, ReadWith(claim, value));

    [Fact]
    public void A_header_that_demands_an_extension_does_not_count()
    {
        var header = _tickets.Header();
        header["crit"] = new JsonArray("exp");

        Assert.Equal(TicketRefusal.Malformed, Read(_tickets.Sign(header, Payload())));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("eyJhbGciOiJFUzI1NiJ9")]
    [InlineData("eyJhbGciOiJFUzI1NiJ9.e30")]
    [InlineData("eyJhbGciOiJFUzI1NiJ9=.e30.AAAA")]
    [InlineData("eyJhbGciOi JFUzI1NiJ9.e30.AAAA")]
    [InlineData("e30x.e30.AAAA")]
    [InlineData("bnVsbA.e30.AAAA")]
    [InlineData("IiI.e30.AAAA")]
    [InlineData("W10.e30.AAAA")]
    [InlineData("\0\0.\0.\0")]
    public void A_text_that_is_no_ticket_is_malformed(string token) => Assert.Equal(TicketRefusal.Malformed, Read(token));

    [Fact]
    public void A_payload_that_is_no_object_is_malformed()
    {
        var header = TestTickets.Encode(_tickets.Header().ToJsonString());
        string[] payloads = ["null", "[]", "{", "{}{}", "{\"sub\":\"\\ud800\"}", "{\"a\":1,}", "\u0001"];
        foreach (var payload in payloads)
        {
            Assert.Equal(TicketRefusal.Malformed, Read(_tickets.Sign(header, TestTickets.Encode(payload))));
        }
    }

    [Fact]
    public void A_ticket_that_is_too_long_is_malformed() =>
        Assert.Equal(TicketRefusal.Malformed, Read(_tickets.Make(new string('p', 4000), MatchId, issuedAt: Now)));

    [Fact]
    public void No_bytes_make_the_reader_throw()
    {
        var random = new Random(7);
        var token = Encoding.UTF8.GetBytes(_tickets.Make("p1", MatchId, issuedAt: Now));
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = token.ToArray();
            for (var changes = random.Next(1, 5); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            _reader.TryRead(bytes.AsSpan(0, random.Next(2) == 0 ? bytes.Length : random.Next(bytes.Length)), Now, out _, out _);
        }
    }

    [Fact]
    public async Task Many_threads_may_read_at_once()
    {
        var tokens = Enumerable.Range(0, 200).Select(i => Encoding.UTF8.GetBytes(_tickets.Make($"p{i}", MatchId, issuedAt: Now))).ToArray();

        await Parallel.ForEachAsync(tokens, TestContext.Current.CancellationToken, (token, _) =>
        {
            Assert.True(_reader.TryRead(token, Now, out var _, out var _));
            return ValueTask.CompletedTask;
        });
    }

    private static JsonObject Payload() => TestTickets.Payload("p1", MatchId, issuedAt: Now);

    private TicketRefusal ReadWith(string claim, string? json)
    {
        var payload = Payload();
        payload.Remove(claim);
        if (json is not null)
        {
            payload[claim] = JsonNode.Parse(json);
        }

        return Read(_tickets.Sign(_tickets.Header(), payload));
    }

    private TicketRefusal Read(string token, DateTimeOffset? now = null)
    {
        var counts = _reader.TryRead(Encoding.UTF8.GetBytes(token), now ?? Now, out var ticket, out var refusal);
        Assert.Equal(counts, refusal == TicketRefusal.None);
        Assert.Equal(counts, ticket is not null);
        return refusal;
    }
}
