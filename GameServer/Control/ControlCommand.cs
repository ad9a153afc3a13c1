using System.Text;
using GameStack.Contracts.Lines;

namespace GameStack.GameServer.Control;

/// <summary>What a line on the control port asks for.</summary>
/// <param name="kind">The command.</param>
/// <param name="arguments">What follows the first space; empty for commands without arguments.</param>
internal readonly ref struct ControlCommand(ControlCommandKind kind, ReadOnlySpan<byte> arguments)
{
    public ControlCommandKind Kind { get; } = kind;

    public ReadOnlySpan<byte> Arguments { get; } = arguments;

    /// <summary>Reads a line without its end: <c>ASSIGN 0b6e2a8e-… ["p1","p2"]</c>.</summary>
    public static ControlCommand Parse(ReadOnlySpan<byte> line)
    {
        var wordEnd = line.IndexOf((byte)' ');
        var word = wordEnd < 0 ? line : line[..wordEnd];
        var arguments = wordEnd < 0 ? default : line[(wordEnd + 1)..];
        var kind = KindOf(word);
        var mayHaveArguments = kind is ControlCommandKind.Auth or ControlCommandKind.LongestMatch or ControlCommandKind.Tickets
            or ControlCommandKind.Assign;
        return wordEnd < 0 || mayHaveArguments ? new(kind, arguments) : default;
    }

    private static ControlCommandKind KindOf(ReadOnlySpan<byte> word) =>
        Ascii.EqualsIgnoreCase(word, ControlProtocol.Auth) ? ControlCommandKind.Auth
        : Ascii.EqualsIgnoreCase(word, ControlProtocol.LongestMatch) ? ControlCommandKind.LongestMatch
        : Ascii.EqualsIgnoreCase(word, ControlProtocol.Tickets) ? ControlCommandKind.Tickets
        : Ascii.EqualsIgnoreCase(word, ControlProtocol.Assign) ? ControlCommandKind.Assign
        : Ascii.EqualsIgnoreCase(word, ControlProtocol.Session) ? ControlCommandKind.Session
        : Ascii.EqualsIgnoreCase(word, GameProtocol.GetState) ? ControlCommandKind.GetState
        : Ascii.EqualsIgnoreCase(word, GameProtocol.GetRunningLength) ? ControlCommandKind.GetRunningLength
        : Ascii.EqualsIgnoreCase(word, ControlProtocol.Stop) ? ControlCommandKind.Stop
        : ControlCommandKind.Unknown;
}
