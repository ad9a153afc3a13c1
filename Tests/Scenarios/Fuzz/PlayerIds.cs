using System.Text;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>Player ids that some layer below might take for something else, and those that are none.</summary>
internal static class PlayerIds
{
    public const int MaxLength = 128;

    private static readonly string[] Good =
    [
        "p1", " ", "  ", "'", "\"", "\\", "/", "//", "../", "..", ".", ";", "--", "' OR '1'='1", "'; DROP TABLE matches;--", "$1", "$$",
        "{q}", "{", "}", "{}", "[]", "%", "%00", "%2F",
        "%25", "%s", "%n", "*", "?", "&", "=", "#", "+", ":", ",", "<script>", "</", "<!--", "]]>", "&amp;", "pending:", "null", "true",
        "0", "-1", "NaN", "é", "e\u0301", "ß", "İ", "ı",
        "\u00a0", "\u00ad", "\u200b", "\u200e", "\u202e", "\u2066", "\u2028", "\u2029", "\ufeff", "\ufffd", "\uffff", "\ufdd0",
        "\U0010ffff", "🎮", "👩‍👩‍👧", "玩家", "אב", "عربي", "\uff0f", "\u2025",
        "return redis.call('FLUSHALL')", "]]", "KEYS[1]", "ARGV", "\\u0000", "\\n", "${jndi:ldap://x}", "{{7*7}}", "a b", "~", "`id`", "|",
        "^", "@", "!", "(", ")",
    ];

    private static readonly string[] Bad =
        ["\0", "\n", "\r", "\r\n", "\t", "\u001b[0m", "\u007f", "\u0085", "\u009f", "\b", "\ud800", "\udc00", "\udc00\ud800"];

    /// <summary>An id that is allowed, and that no other call uses.</summary>
    public static string Valid(Random random) => Join(random, Convert.ToHexString(BitConverter.GetBytes(random.NextInt64())), Good);

    /// <summary>An id that is not allowed: too long, empty, with control characters or with half a pair.</summary>
    public static string Invalid(Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                return "";
            case 1:
                return Join(random, "", Good).PadRight(random.Next(MaxLength + 1, 200), 'x');
            default:
                var id = Join(random, "", Good);
                return id[..Math.Min(id.Length, 60)].TrimEnd('\ud83c', '\ud83d', '\udbff') + Bad[random.Next(Bad.Length)] + "x";
        }
    }

    /// <summary>As a value of a query. What has no UTF-8 is written in its three bytes all the same.</summary>
    public static string InQuery(Random random, string id)
    {
        var text = new StringBuilder();
        foreach (var rune in id.EnumerateRunes())
        {
            var isPlain = rune.Value < 128
                && (char.IsAsciiLetterOrDigit((char)rune.Value)
                    || rune.Value is '-' or '.' or '_' or '~' or '!' or '*' or '(' or ')' or ':' or ',' or '@' or '/');
            if (isPlain && random.Next(4) > 0)
            {
                text.Append((char)rune.Value);
                continue;
            }

            foreach (var letter in Encoding.UTF8.GetBytes(rune.ToString()))
            {
                text.Append('%').Append(random.Next(2) == 0 ? letter.ToString("X2") : letter.ToString("x2"));
            }
        }

        return text.ToString();
    }

    /// <summary>As a JSON string, each character in one of the ways in which it can be written.</summary>
    public static string InJson(Random random, string id)
    {
        var text = new StringBuilder("\"");
        for (var i = 0; i < id.Length; i++)
        {
            var isPair = char.IsSurrogate(id[i]) && i + 1 < id.Length && char.IsSurrogatePair(id[i], id[i + 1]);
            if (id[i] is < ' ' or '"' or '\\' || random.Next(8) == 0 || (char.IsSurrogate(id[i]) && !isPair))
            {
                text.Append($"\\u{(int)id[i]:x4}");
                if (isPair)
                {
                    text.Append($"\\u{(int)id[++i]:x4}");
                }
            }
            else
            {
                text.Append(id[i]);
                if (isPair)
                {
                    text.Append(id[++i]);
                }
            }
        }

        return text.Append('"').ToString();
    }

    private static string Join(Random random, string beginning, string[] pieces)
    {
        var id = beginning;
        for (var count = random.Next(1, 12); count > 0; count--)
        {
            var piece = pieces[random.Next(pieces.Length)];
            if (id.Length + piece.Length <= MaxLength)
            {
                id += piece;
            }
        }

        return random.Next(10) == 0 ? id.PadRight(MaxLength, '.') : id;
    }
}
