using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace GameStack.GameServer.Sessions;

/// <summary>The expected players, as a JSON array on one line.</summary>
internal sealed record Roster(string Json, int Count)
{
    public static Roster Empty { get; } = new("[]", 0);

    /// <summary>False when <paramref name="json"/> is not an array of strings.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out Roster? roster)
    {
        roster = null;
        if (!Utf8.IsValid(json))
        {
            return false;
        }

        var compact = new StringBuilder("[");
        var count = 0;
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                // The span is the text between the quotes, with its escapes, so it never contains a line break.
                compact.Append(count++ == 0 ? "\"" : ",\"").Append(Encoding.UTF8.GetString(reader.ValueSpan)).Append('"');
            }

            if (reader.TokenType != JsonTokenType.EndArray || reader.Read())
            {
                return false;
            }
        }
        catch (JsonException)
        {
            return false;
        }

        roster = new Roster(compact.Append(']').ToString(), count);
        return true;
    }
}
