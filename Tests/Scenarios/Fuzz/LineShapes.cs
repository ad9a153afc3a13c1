using System.Text;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>The ways in which any line can be wrong, whatever the protocol.</summary>
internal static class LineShapes
{
    private static readonly byte[][] Pieces =
    [
        "\0"u8.ToArray(), "\r"u8.ToArray(), " "u8.ToArray(), "\t"u8.ToArray(), "  "u8.ToArray(), "\v"u8.ToArray(), "\f"u8.ToArray(),
        "\u001b[2J"u8.ToArray(),
        "\u00a0"u8.ToArray(), "\u2003"u8.ToArray(), "\ufeff"u8.ToArray(), "\u0661\u0662"u8.ToArray(), "\uff15"u8.ToArray(),
        "\u017f"u8.ToArray(),
        "\u212a"u8.ToArray(), "\u202e"u8.ToArray(), "🎮"u8.ToArray(), [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], "%s%n"u8.ToArray(),
        "{0}"u8.ToArray(), "'"u8.ToArray(), "\""u8.ToArray(),
    ];

    /// <summary>A line of anything.</summary>
    public static byte[] Noise(Random random, int most)
    {
        var line = new byte[random.Next(most + 1)];
        random.NextBytes(line);
        return WithoutEnds(line);
    }

    /// <summary>The text with a few bytes inserted, taken out, changed or doubled.</summary>
    public static byte[] Mutated(Random random, string text)
    {
        var line = Encoding.UTF8.GetBytes(text).ToList();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(line.Count + 1);
            switch (random.Next(6))
            {
                case 0 when at < line.Count:
                    line.RemoveAt(at);
                    break;
                case 1 when at < line.Count:
                    line[at] = (byte)random.Next(256);
                    break;
                case 2 when at < line.Count:
                    line[at] ^= 0x20;
                    break;
                case 3 when at < line.Count:
                    line.InsertRange(at, line[at..Math.Min(line.Count, at + random.Next(1, 8))]);
                    break;
                case 4:
                    line.RemoveRange(at, line.Count - at);
                    break;
                default:
                    line.InsertRange(at, Pieces[random.Next(Pieces.Length)]);
                    break;
            }
        }

        return WithoutEnds([.. line]);
    }

    /// <summary>The text with letters of either case, and now and then with blanks around it or the end that Windows writes.</summary>
    public static byte[] Dressed(Random random, string text)
    {
        var letters = text.ToCharArray();
        for (var i = 0; i < letters.Length; i++)
        {
            letters[i] = random.Next(2) == 0 ? char.ToLowerInvariant(letters[i]) : letters[i];
        }

        var blanks = random.Next(4) == 0 ? new string(random.Next(2) == 0 ? ' ' : '\t', random.Next(1, 4)) : "";
        return Encoding.UTF8.GetBytes(
            (random.Next(2) == 0 ? blanks : "") + new string(letters) + blanks + (random.Next(4) == 0 ? "\r" : ""));
    }

    /// <summary>A line about as long as may be, or far longer.</summary>
    public static byte[] Long(Random random, string beginning, int limit)
    {
        var length = random.Next(4) == 0 ? random.Next(limit, 4 * limit) : random.Next(limit - 8, limit + 8);
        var line = new byte[length];
        line.AsSpan().Fill(random.Next(3) == 0 ? (byte)' ' : (byte)random.Next('0', '9'));
        Encoding.ASCII.GetBytes(beginning).CopyTo(line, 0);
        return line;
    }

    private static byte[] WithoutEnds(byte[] line)
    {
        for (var i = 0; i < line.Length; i++)
        {
            line[i] = line[i] == (byte)'\n' ? (byte)'?' : line[i];
        }

        return line;
    }
}
