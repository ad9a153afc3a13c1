using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace GameStack.GameServer.Sessions;

/// <summary>The expected players, as a JSON array on one line.</summary>
internal sealed record Roster(string Json, int Count)
{
    public static Roster Empty { get; } = new("[]", 0);

    /// <summary>The players' ids. An id that no text can be made of stays as it is written.</summary>
    public IReadOnlyList<string> ReadNames()
    {
        var names = new List<string>(Count);
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(Json));
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            names.Add(NameOf(ref reader));
        }

        return names;
    }

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

    private static string NameOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }
}
