using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Unicode;
using GameStack.Contracts.Lines;
using GameStack.Contracts.Tickets;
using GameStack.GameServer.Lines;
using GameStack.GameServer.Matches;

namespace GameStack.GameServer.Game;

/// <summary>A player's connection.</summary>
internal sealed class GameClient(Socket socket, TimeProvider time, Match match, GamePlaces places)
    : LineConnection(socket, time), IMatchClient
{
    /// <summary>After so many refusals the connection is closed, since checking a ticket costs more than sending one.</summary>
    private const int MostDenials = 8;

    private int _denials;
    private bool _hasBegunMatch;
    private bool _hasLeft;
    private IMatchClient? _displaced;

    /// <inheritdoc cref="AddressCounts.KeyOf(Socket)"/>
    public IPAddress Address { get; } = AddressCounts.KeyOf(socket);

    public GamePlace Place { get; set; }

    /// <summary>The place of a connection that is at the door.</summary>
    public LinkedListNode<WaitingRoom.Entry>? DoorPlace { get; set; }

    protected override int MaxLineBytes => GameProtocol.MaxLineBytes;

    protected override bool IsStranger => Place == GamePlace.Door;

    private static ReadOnlySpan<byte> StateOpen => "STATE open\n"u8;

    private static ReadOnlySpan<byte> StateRunning => "STATE running\n"u8;

    private static ReadOnlySpan<byte> StateStop => "STATE stop\n"u8;

    private static ReadOnlySpan<byte> Moved => "MOVED\n"u8;

    private static ReadOnlySpan<byte> Left => "LEFT\n"u8;

    private static ReadOnlySpan<byte> Unknown => "UNKNOWN\n"u8;

    private static ReadOnlySpan<byte> DeniedWithoutTicket => "DENIED no_ticket\n"u8;

    public void TellRunning() => Tell(StateRunning);

    public void TellStop() => TellAndClose(StateStop);

    public void TellMoved() => TellAndClose(Moved);

    protected override void OnLine(ReadOnlySpan<byte> line)
    {
        var command = GameCommand.Parse(line);
        if (command.Kind == GameCommandKind.Join)
        {
            Join(GameCommand.ArgumentOf(line));
        }
        else if (Place == GamePlace.Door)
        {
            Deny(TicketRefusal.NoTicket);
        }
        else
        {
            Answer(command);
        }
    }

    protected override void OnLineTooLong() => WriteLast(Unknown);

    protected override void OnExpired() => WriteLast(DeniedWithoutTicket);

    protected override void AfterLines()
    {
        if (_displaced is { } displaced)
        {
            _displaced = null;
            displaced.TellMoved();
        }

        if (_hasBegunMatch)
        {
            _hasBegunMatch = false;
            match.AnnounceRunning();
        }

        if (_hasLeft)
        {
            _hasLeft = false;
            match.GiveUpSeat(this);
        }
    }

    protected override void OnClosed()
    {
        if (Place != GamePlace.Door)
        {
            match.Leave(this);
        }

        places.Exit(this);
    }

    private void Answer(GameCommand command)
    {
        switch (command.Kind)
        {
            case GameCommandKind.GetState:
                WriteState();
                break;
            case GameCommandKind.GetRunningLength:
                WriteRunningLength();
                break;
            case GameCommandKind.RequestMatch:
                RequestMatch(command.Seconds);
                break;
            case GameCommandKind.GetRoster when Place == GamePlace.Seat:
                Write(Encoding.UTF8.GetBytes(match.DescribeSeats()));
                break;
            case GameCommandKind.Leave when Place == GamePlace.Seat:
                _hasLeft = true;
                WriteLast(Left);
                break;
            default:
                Write(Unknown);
                break;
        }
    }

    private void Join(ReadOnlySpan<byte> token)
    {
        MatchTicket? ticket = null;
        var refusal = match.Seats is { } seats ? seats.Read(token, out ticket) : TicketRefusal.NoKeys;
        if (refusal != TicketRefusal.None)
        {
            Deny(refusal);
            return;
        }

        switch (match.TakeSeat(ticket!, this, out var seat, out var displaced))
        {
            case null:
                WriteLast(StateStop);
                break;
            case TicketRefusal.None:
                _displaced ??= displaced;
                places.TakeSeat(this);
                Write(Encoding.UTF8.GetBytes($"{GameProtocol.JoinedPrefix}{seat!.Number} {seat.Player}\n"));
                break;
            case { } used:
                Deny(used);
                break;
        }
    }

    private void Deny(TicketRefusal refusal)
    {
        var line = Encoding.ASCII.GetBytes($"{GameProtocol.DeniedPrefix}{refusal.ToWord()}\n");
        if (++_denials < MostDenials)
        {
            Write(line);
        }
        else
        {
            WriteLast(line);
        }
    }

    /// <summary>
    /// <c>RUNNING_LENGTH</c> comes first and <c>STATE running</c> right after it, for the first request and for later ones alike. To the
    /// client whose request begins the match, the second line is the announcement that the other clients get.
    /// </summary>
    private void RequestMatch(double seconds)
    {
        _hasBegunMatch |= match.TryRequest(seconds, this);
        WriteRunningLength();
        WriteState();
    }

    /// <summary>The state is read inside the connection's gate, so that no client sees it move backwards.</summary>
    private void WriteState() => Write(match.State switch
    {
        MatchState.Running => StateRunning,
        MatchState.Stop => StateStop,
        _ => StateOpen,
    });

    private void WriteRunningLength()
    {
        Span<byte> line = stackalloc byte[GameProtocol.RunningLengthPrefix.Length + 12];
        Utf8.TryWrite(line, $"{GameProtocol.RunningLengthPrefix}{match.RunningLength}\n", out var length);
        Write(line[..length]);
    }
}
