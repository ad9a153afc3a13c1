using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;
using GameStack.Contracts.Lines;
using GameStack.GameServer.Lines;
using GameStack.GameServer.Matches;
using GameStack.GameServer.Sessions;

namespace GameStack.GameServer.Control;

/// <summary>A connection from a fleet; <see cref="ControlProtocol"/> defines what the fleet may send.</summary>
internal sealed class ControlConnection(Socket socket, TimeProvider time, IControlCredential credential, SessionSlot slot, Action stop, Action closed)
    : LineConnection(socket, time)
{
    private static readonly TimeSpan AuthLimit = TimeSpan.FromSeconds(10);

    private bool _authenticated;
    private bool _stopAsked;

    protected override int MaxLineBytes => _authenticated ? ControlProtocol.MaxLineBytes : GameProtocol.MaxLineBytes;

    private static ReadOnlySpan<byte> Ok => "OK\n"u8;

    private static ReadOnlySpan<byte> Denied => "DENIED\n"u8;

    private static ReadOnlySpan<byte> Standby => "STANDBY\n"u8;

    private static ReadOnlySpan<byte> Unknown => "UNKNOWN\n"u8;

    public void Open()
    {
        DropAfter(AuthLimit);
        Start();
    }

    protected override void OnLine(ReadOnlySpan<byte> line)
    {
        var wordEnd = line.IndexOf((byte)' ');
        var word = wordEnd < 0 ? line : line[..wordEnd];
        var rest = wordEnd < 0 ? default : line[(wordEnd + 1)..];
        if (Ascii.EqualsIgnoreCase(word, ControlProtocol.Auth))
        {
            Authenticate(rest);
        }
        else if (!_authenticated)
        {
            Write(Denied);
        }
        else if (Ascii.EqualsIgnoreCase(word, ControlProtocol.Assign))
        {
            Assign(rest);
        }
        else if (Ascii.EqualsIgnoreCase(line, ControlProtocol.Session))
        {
            WriteSession();
        }
        else if (Ascii.EqualsIgnoreCase(line, GameProtocol.GetState))
        {
            WriteState();
        }
        else if (Ascii.EqualsIgnoreCase(line, GameProtocol.GetRunningLength))
        {
            Write(Encoding.ASCII.GetBytes($"{GameProtocol.RunningLengthPrefix}{slot.Match.RunningLength}\n"));
        }
        else if (Ascii.EqualsIgnoreCase(line, ControlProtocol.Stop))
        {
            _stopAsked = true;
            Write(Ok);
        }
        else
        {
            Write(Unknown);
        }
    }

    protected override void OnLineTooLong() => WriteLast(_authenticated ? Unknown : Denied);

    protected override void AfterLines()
    {
        if (_stopAsked)
        {
            _stopAsked = false;
            stop();
        }
    }

    protected override void OnClosed() => closed();

    private void Authenticate(ReadOnlySpan<byte> token)
    {
        if (credential.Accepts(token))
        {
            _authenticated = true;
            KeepOpen();
            Write(Ok);
        }
        else
        {
            WriteLast(Denied);
        }
    }

    /// <summary>For example <c>0b6e2a8e-… ["p1","p2"]</c>.</summary>
    private void Assign(ReadOnlySpan<byte> arguments)
    {
        var idEnd = arguments.IndexOf((byte)' ');
        if (idEnd < 0 || !TryParseId(arguments[..idEnd], out var id) || !Roster.TryParse(arguments[(idEnd + 1)..], out var players))
        {
            Write(Unknown);
            return;
        }

        var current = slot.Assign(new Session(id, players));
        if (current is null)
        {
            WriteLast(Unknown);
        }
        else if (current.Id == id)
        {
            Write(Ok);
        }
        else
        {
            Write(Encoding.ASCII.GetBytes($"{ControlProtocol.Busy} {current.Id}\n"));
        }
    }

    private static bool TryParseId(ReadOnlySpan<byte> text, out Guid id) =>
        Utf8Parser.TryParse(text, out id, out var used, 'D') && used == text.Length;

    private void WriteState() => Write(slot.Match.State switch
    {
        MatchState.Running => "STATE running\n"u8,
        MatchState.Stop => "STATE stop\n"u8,
        _ => "STATE open\n"u8,
    });

    private void WriteSession() => Write(slot.Current is { } session
        ? Encoding.UTF8.GetBytes($"{ControlProtocol.Session} {session.Id} {session.Players.Json}\n")
        : Standby);
}
