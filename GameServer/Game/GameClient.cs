using System.Net.Sockets;
using System.Text.Unicode;
using GameStack.Contracts.Lines;
using GameStack.GameServer.Lines;
using GameStack.GameServer.Matches;

namespace GameStack.GameServer.Game;

/// <summary>A player's connection.</summary>
internal sealed class GameClient(Socket socket, TimeProvider time, Match match, Action closed) : LineConnection(socket, time), IMatchClient
{
    private bool _hasBegunMatch;

    protected override int MaxLineBytes => GameProtocol.MaxLineBytes;

    private static ReadOnlySpan<byte> StateOpen => "STATE open\n"u8;

    private static ReadOnlySpan<byte> StateRunning => "STATE running\n"u8;

    private static ReadOnlySpan<byte> StateStop => "STATE stop\n"u8;

    private static ReadOnlySpan<byte> Unknown => "UNKNOWN\n"u8;

    public void TellRunning() => Tell(StateRunning);

    public void TellStop() => TellAndClose(StateStop);

    protected override void OnLine(ReadOnlySpan<byte> line)
    {
        var command = GameCommand.Parse(line);
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
            default:
                Write(Unknown);
                break;
        }
    }

    protected override void OnLineTooLong() => WriteLast(Unknown);

    protected override void AfterLines()
    {
        if (_hasBegunMatch)
        {
            _hasBegunMatch = false;
            match.AnnounceRunning(this);
        }
    }

    protected override void OnClosed()
    {
        match.Leave(this);
        closed();
    }

    /// <summary>
    /// <c>RUNNING_LENGTH</c> comes first and <c>STATE running</c> right after it, for the first request and for later ones alike. To the
    /// client whose request begins the match, the second line is the announcement that the other clients get.
    /// </summary>
    private void RequestMatch(double seconds)
    {
        _hasBegunMatch |= match.TryRequest(seconds);
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
