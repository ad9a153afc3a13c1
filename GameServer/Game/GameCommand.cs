using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using GameStack.Contracts.Lines;

namespace GameStack.GameServer.Game;

/// <summary>What a line on the game port asks for.</summary>
/// <param name="Kind">The command.</param>
/// <param name="Seconds">
/// The length of <see cref="GameCommandKind.RequestMatch"/>, more than 0 and at most <see cref="GameProtocol.MaxMatchSeconds"/>.
/// </param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct GameCommand(GameCommandKind Kind, double Seconds = 0)
{
    private const NumberStyles SecondsStyle =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>
    /// Reads a line without its end: <c>request_match  30.5</c>. Blanks around words are allowed, but extra words are not. A number is
    /// decimal, with or without a fraction or an exponent.
    /// </summary>
    public static GameCommand Parse(ReadOnlySpan<byte> line)
    {
        var word = GameLine.FirstWord(line, out var rest);
        if (rest.IsEmpty)
        {
            return Ascii.EqualsIgnoreCase(word, GameProtocol.GetState) ? new(GameCommandKind.GetState)
                : Ascii.EqualsIgnoreCase(word, GameProtocol.GetRunningLength) ? new(GameCommandKind.GetRunningLength)
                : Ascii.EqualsIgnoreCase(word, GameProtocol.GetRoster) ? new(GameCommandKind.GetRoster)
                : Ascii.EqualsIgnoreCase(word, GameProtocol.Leave) ? new(GameCommandKind.Leave)
                : default;
        }

        if (Ascii.EqualsIgnoreCase(word, GameProtocol.Join))
        {
            return new(GameCommandKind.Join);
        }

        return Ascii.EqualsIgnoreCase(word, GameProtocol.RequestMatch) && TryParseSeconds(rest, out var seconds)
            ? new(GameCommandKind.RequestMatch, seconds)
            : default;
    }

    /// <summary>What follows the command word, without the blanks around it: the ticket of <c>JOIN eyJhbGci…</c>.</summary>
    public static ReadOnlySpan<byte> ArgumentOf(ReadOnlySpan<byte> line)
    {
        _ = GameLine.FirstWord(line, out var argument);
        return argument;
    }

    /// <summary>The runtime's parser ignores zero bytes after a number, but <c>5\0</c> is not a number.</summary>
    private static bool TryParseSeconds(ReadOnlySpan<byte> text, out double seconds) =>
        double.TryParse(text, SecondsStyle, CultureInfo.InvariantCulture, out seconds)
        && seconds is > 0 and <= GameProtocol.MaxMatchSeconds
        && text[^1] != 0;
}
