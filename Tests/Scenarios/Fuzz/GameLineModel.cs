using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>
/// The game port by the wire contract's table, for a server whose state stays as it is. Where the table leaves room: blanks and tabs around
/// words do not matter, a number is decimal with an optional fraction and exponent and has a double's precision, and a line has at most
/// 4096 bytes. A server without tickets refuses every one, and closes the connection at the eighth.
/// </summary>
/// <param name="length">The seconds of the running match; null while it is open.</param>
internal sealed partial class GameLineModel(int? length) : ILineModel
{
    public const int MaxLine = 4096;
    private const int MostDenials = 8;

    private static readonly LineAnswer Unknown = new("UNKNOWN\n"u8.ToArray());
    private static readonly LineAnswer UnknownAndClosed = Unknown with { Closes = true };

    private int _denials;

    private readonly LineAnswer _state = Of(length is null ? "STATE open\n" : "STATE running\n");
    private readonly LineAnswer _length = Of($"RUNNING_LENGTH {length ?? 0}\n");
    private readonly LineAnswer _request = length is null ? LineAnswer.LeftOut : Of($"RUNNING_LENGTH {length}\nSTATE running\n");

    public LineAnswer AnswerTo(ReadOnlySpan<byte> line)
    {
        if (line.Length + 1 > MaxLine)
        {
            return UnknownAndClosed;
        }

        // Latin-1 keeps every byte apart from every other.
        var text = Encoding.Latin1.GetString(line is [.., (byte)'\r'] ? line[..^1] : line).Trim(' ', '\t');
        if (text.Equals("GET_STATE", StringComparison.OrdinalIgnoreCase))
        {
            return _state;
        }

        if (text.Equals("GET_RUNNING_LENGTH", StringComparison.OrdinalIgnoreCase))
        {
            return _length;
        }

        if (Join().IsMatch(text))
        {
            return Of("DENIED no_keys\n") with { Closes = ++_denials == MostDenials };
        }

        return SecondsOf(text) is null ? Unknown : _request;
    }

    /// <summary>The seconds of a valid request for a match; null when it is none.</summary>
    public static double? SecondsOf(string text) =>
        Request().Match(text) is { Success: true } match
        && double.Parse(match.Groups["number"].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture)
            is > 0 and <= 86_400 and var seconds
            ? seconds
            : null;

    private static LineAnswer Of(string text) => new(Encoding.ASCII.GetBytes(text));

    [GeneratedRegex(
        @"\A[Rr][Ee][Qq][Uu][Ee][Ss][Tt]_[Mm][Aa][Tt][Cc][Hh][ \t]+(?<number>[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)\z",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 30_000)]
    private static partial Regex Request();

    [GeneratedRegex(@"\A[Jj][Oo][Ii][Nn][ \t]+[^ \t]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 30_000)]
    private static partial Regex Join();
}
