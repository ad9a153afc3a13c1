using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using GameStack.Contracts.Lines;

namespace GameStack.Contracts.Tickets;

/// <summary>Reads tickets and checks their signature, expiry and audience. Thread-safe; no input makes it throw.</summary>
/// <param name="keys">The public keys that count.</param>
/// <param name="clockSkew">How long after its expiry a ticket still counts, since clocks differ.</param>
public sealed class TicketReader(IEnumerable<TicketKey> keys, TimeSpan clockSkew)
{
    /// <summary>The longest ticket, in bytes: what fits into a line of the game protocol, beside <c>JOIN </c> and the line's end.</summary>
    public const int MaxBytes = GameProtocol.MaxLineBytes - 6;

    /// <summary>The two numbers of a signature, 32 bytes each (RFC 7518, 3.4).</summary>
    private const int SignatureBytes = 64;

    private readonly (byte[] Id, TicketKey Key)[] _keys = [.. keys.Select(key => (Encoding.UTF8.GetBytes(key.Id), key))];

    /// <summary>When a ticket stops to count here.</summary>
    public DateTimeOffset EndOf(MatchTicket ticket)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        return ticket.ExpiresAt + clockSkew;
    }

    /// <summary>Reads <c>eyJhbGciOiJFUzI1NiIs….eyJpc3MiOiJnYW1lc3RhY2si….MEUCIQDx…</c>.</summary>
    /// <param name="token">The ticket's text.</param>
    /// <param name="now">The time.</param>
    /// <param name="ticket">The ticket, when it counts.</param>
    /// <param name="refusal">Why the ticket does not count.</param>
    public bool TryRead(
        ReadOnlySpan<byte> token, DateTimeOffset now, [NotNullWhen(true)] out MatchTicket? ticket, out TicketRefusal refusal)
    {
        ticket = null;
        refusal = TicketRefusal.Malformed;
        var headerEnd = token.IndexOf((byte)'.');
        var payloadEnd = token.LastIndexOf((byte)'.');
        if (token.Length > MaxBytes || headerEnd < 1 || payloadEnd <= headerEnd + 1)
        {
            return false;
        }

        Span<byte> json = stackalloc byte[MaxBytes / 4 * 3];
        if (!TryDecode(token[..headerEnd], json, out var header))
        {
            return false;
        }

        refusal = FindKey(header, out var key);
        if (key is null)
        {
            return false;
        }

        Span<byte> signatureBytes = stackalloc byte[SignatureBytes];
        if (!TryDecode(token[(payloadEnd + 1)..], signatureBytes, out var signature) || signature.Length != SignatureBytes
            || !key.Verifies(token[..payloadEnd], signature))
        {
            refusal = TicketRefusal.BadSignature;
            return false;
        }

        refusal = TryDecode(token[(headerEnd + 1)..payloadEnd], json, out var payload)
            ? ReadPayload(payload, out ticket)
            : TicketRefusal.Malformed;
        if (ticket is not null && now >= EndOf(ticket))
        {
            (ticket, refusal) = (null, TicketRefusal.Expired);
        }

        return ticket is not null;
    }

    /// <summary>The runtime's decoder takes padding and blanks, which RFC 7515 does not.</summary>
    private static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> buffer, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        foreach (var letter in text)
        {
            if (!char.IsAsciiLetterOrDigit((char)letter) && letter is not ((byte)'-' or (byte)'_'))
            {
                return false;
            }
        }

        if (Base64Url.DecodeFromUtf8(text, buffer, out _, out var written) != OperationStatus.Done)
        {
            return false;
        }

        bytes = buffer[..written];
        return true;
    }

    private TicketRefusal FindKey(ReadOnlySpan<byte> json, out TicketKey? key)
    {
        key = null;
        var isEs256 = false;
        ReadOnlySpan<byte> id = default;
        try
        {
            var reader = new Utf8JsonReader(json);
            for (var isMember = BeginObject(ref reader); isMember; isMember = NextMember(ref reader))
            {
                switch (ReadName(ref reader))
                {
                    case TicketClaims.Algorithm:
                        isEs256 = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(TicketClaims.Es256);
                        break;
                    case TicketClaims.KeyId when reader.TokenType == JsonTokenType.String:
                        id = reader.ValueSpan; // With escapes, if there are any: then it is none of ours.
                        break;
                    case "crit":
                        return TicketRefusal.Malformed; // Demands of a reader what this one does not know (RFC 7515, 4.1.11).
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return TicketRefusal.Malformed;
        }

        if (!isEs256)
        {
            return TicketRefusal.WrongAlgorithm;
        }

        foreach (var known in _keys)
        {
            if (id.SequenceEqual(known.Id))
            {
                key = known.Key;
            }
        }

        return key is null ? TicketRefusal.UnknownKey : TicketRefusal.None;
    }

    private static TicketRefusal ReadPayload(ReadOnlySpan<byte> json, out MatchTicket? ticket)
    {
        ticket = null;
        string? issuer = null, audience = null, player = null, server = null, address = null, id = null;
        Guid? match = null;
        var seat = -1;
        DateTimeOffset? issuedAt = null, expiresAt = null;
        try
        {
            var reader = new Utf8JsonReader(json);
            for (var isMember = BeginObject(ref reader); isMember; isMember = NextMember(ref reader))
            {
                switch (ReadName(ref reader))
                {
                    case TicketClaims.Issuer: issuer = TextOf(ref reader); break;
                    case TicketClaims.Audience: audience = TextOf(ref reader); break;
                    case TicketClaims.Player: player = TextOf(ref reader); break;
                    case TicketClaims.MatchId: match = Guid.TryParseExact(TextOf(ref reader), "D", out var uuid) ? uuid : null; break;
                    case TicketClaims.Server: server = TextOf(ref reader); break;
                    case TicketClaims.Address: address = TextOf(ref reader); break;
                    case TicketClaims.Seat: seat = reader.TryGetInt32(out var number) ? number : -1; break;
                    case TicketClaims.IssuedAt: issuedAt = TimeOf(ref reader); break;
                    case TicketClaims.ExpiresAt: expiresAt = TimeOf(ref reader); break;
                    case TicketClaims.Id: id = TextOf(ref reader); break;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return TicketRefusal.Malformed;
        }

        if (issuer != TicketClaims.GameStack || audience != TicketClaims.Match)
        {
            return TicketRefusal.WrongAudience;
        }

        if (player is null || match is null || server is null || address is null || seat < 0 || issuedAt is null || expiresAt is null
            || id is null)
        {
            return TicketRefusal.Malformed;
        }

        ticket = new MatchTicket(player, match.Value, server, address, seat, issuedAt.Value, expiresAt.Value, id);
        return TicketRefusal.None;
    }

    private static string? TextOf(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String ? reader.GetString() : null;

    /// <summary>Seconds since 1970 (NumericDate), in this millennium or the next, so that adding a clock skew cannot overflow.</summary>
    private static DateTimeOffset? TimeOf(ref Utf8JsonReader reader) =>
        reader.TryGetInt64(out var seconds) && seconds is >= 0 and <= 32_503_680_000 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    private static bool BeginObject(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.StartObject ? HasMember(ref reader) : throw new JsonException();

    private static bool NextMember(ref Utf8JsonReader reader)
    {
        reader.Skip(); // The value may be an object or array, and nobody wants what is in it.
        return HasMember(ref reader);
    }

    /// <summary>False at the end of the object, after which nothing may follow.</summary>
    private static bool HasMember(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.PropertyName || reader.Read();
    }

    /// <summary>Reads a member's name and goes on to its value.</summary>
    private static string? ReadName(ref Utf8JsonReader reader)
    {
        var name = reader.GetString();
        reader.Read();
        return name;
    }
}
