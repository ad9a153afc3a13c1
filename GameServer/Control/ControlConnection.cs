using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;
using GameStack.Contracts.Lines;
using GameStack.Contracts.Tickets;
using GameStack.GameServer.Lines;
using GameStack.GameServer.Matches;
using GameStack.GameServer.Sessions;

namespace GameStack.GameServer.Control;

/// <summary>A connection from a fleet; <see cref="ControlProtocol"/> defines what the fleet may send.</summary>
internal sealed class ControlConnection(
    Socket socket, TimeProvider time, IControlCredential credential, SessionSlot slot, Action stop, ControlPlaces places)
    : LineConnection(socket, time)
{
    private bool _authenticated;
    private bool _stopAsked;
    private bool _serverIsUseless;
    private TicketTerms? _tickets;

    /// <summary>The place of a connection that has not authenticated.</summary>
    public LinkedListNode<WaitingRoom.Entry>? WaitingPlace { get; set; }

    protected override int MaxLineBytes => _authenticated ? ControlProtocol.MaxLineBytes : ControlProtocol.MaxAuthLineBytes;

    protected override bool IsStranger => !_authenticated;

    private static ReadOnlySpan<byte> Ok => "OK\n"u8;

    private static ReadOnlySpan<byte> Denied => "DENIED\n"u8;

    private static ReadOnlySpan<byte> Standby => "STANDBY\n"u8;

    private static ReadOnlySpan<byte> Unknown => "UNKNOWN\n"u8;

    protected override void OnLine(ReadOnlySpan<byte> line)
    {
        var command = ControlCommand.Parse(line);
        if (!_authenticated && command.Kind != ControlCommandKind.Auth)
        {
            Write(Denied);
            return;
        }

        switch (command.Kind)
        {
            case ControlCommandKind.Auth:
                Authenticate(command.Arguments);
                break;
            case ControlCommandKind.LongestMatch:
                LimitMatch(command.Arguments);
                break;
            case ControlCommandKind.Tickets:
                SetTickets(command.Arguments);
                break;
            case ControlCommandKind.Assign:
                Assign(command.Arguments);
                break;
            case ControlCommandKind.Session:
                WriteSession();
                break;
            case ControlCommandKind.GetState:
                WriteState();
                break;
            case ControlCommandKind.GetRunningLength:
                Write(Encoding.ASCII.GetBytes($"{GameProtocol.RunningLengthPrefix}{slot.Match.RunningLength}\n"));
                break;
            case ControlCommandKind.Stop:
                _stopAsked = true;
                Write(Ok);
                break;
            default:
                Write(Unknown);
                break;
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

        if (_serverIsUseless)
        {
            _serverIsUseless = false;
            slot.GiveUp();
        }
    }

    protected override void OnClosed() => places.Exit(this, _authenticated);

    private void Authenticate(ReadOnlySpan<byte> token)
    {
        if (!credential.Accepts(token))
        {
            WriteLast(Denied);
            return;
        }

        if (!_authenticated)
        {
            places.Authenticate(this);
            _authenticated = true;
        }

        Write(Ok);
    }

    private void LimitMatch(ReadOnlySpan<byte> arguments)
    {
        if (!Utf8Parser.TryParse(arguments, out int seconds, out var used) || used != arguments.Length
            || seconds is < 1 or > GameProtocol.MaxMatchSeconds)
        {
            Write(Unknown);
            return;
        }

        slot.Match.Limit(TimeSpan.FromSeconds(seconds));
        Write(Ok);
    }

    private void SetTickets(ReadOnlySpan<byte> terms)
    {
        var isMeant = TicketTerms.TryParse(terms, out _tickets) && slot.Current is not { Tickets: null };
        Write(isMeant ? Ok : Unknown);
    }

    private void Assign(ReadOnlySpan<byte> arguments)
    {
        if (!Session.TryParse(arguments, out var session))
        {
            Write(Unknown);
            return;
        }

        var current = slot.Assign(session with { Tickets = _tickets });
        if (current is null)
        {
            WriteLast(Unknown);
            _serverIsUseless = true;
        }
        else if (current.Id == session.Id)
        {
            Write(Ok);
        }
        else
        {
            Write(Encoding.ASCII.GetBytes($"{ControlProtocol.Busy} {current.Id}\n"));
        }
    }

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
