using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace GameStack.Contracts.Tickets;

/// <summary>What a game server must know to seat players by their tickets. Its fleet tells it before it assigns the match.</summary>
public sealed record TicketTerms
{
    private const string ServerName = "server";
    private const string KeysName = "keys";
    private const string RequiredName = "required";
    private const string ReconnectName = "reconnect";
    private const string ClockSkewName = "skew";

    /// <summary>The server's own name, which tickets for it carry.</summary>
    public required string Server { get; init; }

    /// <summary>The keys that the match's tickets are signed with: those of now, and those of a rotation that is under way.</summary>
    public required IReadOnlyList<TicketKey> Keys { get; init; }

    /// <summary>Whether only players with a ticket may stay.</summary>
    public bool Required { get; init; }

    /// <summary>How long a seat is kept for a player whose connection is lost.</summary>
    public TimeSpan Reconnect { get; init; } = TimeSpan.FromSeconds(15);

    public TimeSpan ClockSkew { get; init; } = TicketClaims.DefaultClockSkew;

    /// <summary>
    /// Reads <c>{"server":"game-server-1a2b3c4d","keys":{"NzbLsXh8…":"MFkwEwYH…"},"required":true,"reconnect":15,"skew":300}</c>: each key
    /// is the base64 of its SubjectPublicKeyInfo, times are in seconds. Members that this version does not know are ignored.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out TicketTerms? terms)
    {
        terms = null;
        try
        {
            var reader = new Utf8JsonReader(json);
            terms = Read(ref reader);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            // It is not what a backend would write.
        }

        return terms is not null;
    }

    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString(ServerName, Server);
            writer.WriteStartObject(KeysName);
            foreach (var key in Keys)
            {
                writer.WriteBase64String(key.Id, key.PublicKey);
            }

            writer.WriteEndObject();
            writer.WriteBoolean(RequiredName, Required);
            writer.WriteNumber(ReconnectName, Reconnect.TotalSeconds);
            writer.WriteNumber(ClockSkewName, ClockSkew.TotalSeconds);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static TicketTerms? Read(ref Utf8JsonReader reader)
    {
        string? server = null;
        var keys = new List<TicketKey>();
        var terms = new TicketTerms { Server = "", Keys = keys };
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case ServerName:
                    server = reader.GetString();
                    break;
                case KeysName when reader.TokenType == JsonTokenType.StartObject:
                    ReadKeys(ref reader, keys);
                    break;
                case RequiredName:
                    terms = terms with { Required = reader.GetBoolean() };
                    break;
                case ReconnectName:
                    terms = terms with { Reconnect = SecondsOf(ref reader) };
                    break;
                case ClockSkewName:
                    terms = terms with { ClockSkew = SecondsOf(ref reader) };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return reader.Read() || string.IsNullOrEmpty(server) || keys.Count == 0 ? null : terms with { Server = server };
    }

    private static void ReadKeys(ref Utf8JsonReader reader, List<TicketKey> keys)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var id = reader.GetString()!;
            reader.Read();
            keys.Add(new TicketKey(id, reader.GetBytesFromBase64()));
        }
    }

    private static TimeSpan SecondsOf(ref Utf8JsonReader reader) =>
        reader.GetDouble() is >= 0 and <= 86_400 and var seconds ? TimeSpan.FromSeconds(seconds) : throw new JsonException();
}
