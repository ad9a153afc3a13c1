using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>
/// The control port by the text of <c>ControlProtocol</c>, for a server that is not stopped and whose session stays as it is.
/// </summary>
/// <param name="token">What lets a connection in.</param>
/// <param name="session">The uuid of the server's session; null while it stands by.</param>
/// <param name="players">The session's players, as they are told back.</param>
internal sealed partial class ControlLineModel(string token, string? session, string players) : ILineModel
{
    private const int MaxLineBefore = 1024;
    private const int MaxLine = 128 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly LineAnswer Ok = Of("OK\n");
    private static readonly LineAnswer Denied = Of("DENIED\n");
    private static readonly LineAnswer Unknown = Of("UNKNOWN\n");

    private readonly LineAnswer _busy = Of($"BUSY {session}\n");
    private readonly LineAnswer _session = Of(session is null ? "STANDBY\n" : $"SESSION {session} {players}\n");
    private bool _isIn;

    public LineAnswer AnswerTo(ReadOnlySpan<byte> line)
    {
        if (line.Length + 1 > (_isIn ? MaxLine : MaxLineBefore))
        {
            return (_isIn ? Unknown : Denied) with { Closes = true };
        }

        var text = Encoding.Latin1.GetString(line is [.., (byte)'\r'] ? line[..^1] : line);
        var words = text.Split(' ', 2);
        if (words[0].Equals("AUTH", StringComparison.OrdinalIgnoreCase))
        {
            var isRight = words.Length == 2 && words[1] == token;
            _isIn |= isRight;
            return isRight ? Ok : Denied with { Closes = true };
        }

        if (!_isIn)
        {
            return Denied;
        }

        return text.ToUpperInvariant() switch
        {
            "SESSION" => _session,
            "STOP" => LineAnswer.LeftOut,
            _ => words[0].Equals("ASSIGN", StringComparison.OrdinalIgnoreCase) && words.Length == 2 ? AnswerToAssign(words[1]) : Unknown,
        };
    }

    private static LineAnswer Of(string text) => new(Encoding.UTF8.GetBytes(text));

    private static bool IsListOfPlayers(string latin1)
    {
        try
        {
            using var json = JsonDocument.Parse(Strict.GetString(Encoding.Latin1.GetBytes(latin1)));
            return json.RootElement.ValueKind == JsonValueKind.Array
                && json.RootElement.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String);
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            return false;
        }
    }

    private LineAnswer AnswerToAssign(string arguments)
    {
        var words = arguments.Split(' ', 2);
        if (words.Length < 2 || !Uuid().IsMatch(words[0]) || !IsListOfPlayers(words[1]))
        {
            return Unknown;
        }

        if (session is null)
        {
            return LineAnswer.LeftOut;
        }

        return words[0].Equals(session, StringComparison.OrdinalIgnoreCase) ? Ok : _busy;
    }

    [GeneratedRegex(
        @"\A[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 30_000)]
    private static partial Regex Uuid();
}
