using System.Text;
using GameStack.Contracts;
using GameStack.GameServer.Sessions;

namespace GameStack.GameServer;

/// <summary>
/// Writes one line to standard output for each change of state, and nothing else. The ready line comes first, even when changes precede it.
/// It writes to a plain stream, since setting up a console would take a tenth of the start-up time.
/// </summary>
internal sealed class StateLog(Stream output)
{
    private readonly Lock _gate = new();
    private string? _beforeReady = "";

    public void Ready(int gamePort, int controlPort)
    {
        lock (_gate)
        {
            var earlier = _beforeReady;
            _beforeReady = null;
            Write($"{GameServerSettings.ReadyPrefix}{gamePort} {controlPort}\n{earlier}");
        }
    }

    public void Opened(Session session) => Change($"open: session {session.Id}, {session.Players.Count} players\n");

    public void Running(int seconds) => Change($"running: {seconds} s\n");

    public void Stopped(string reason) => Change($"stop: {reason}\n");

    private void Change(string line)
    {
        lock (_gate)
        {
            if (_beforeReady is null)
            {
                Write(line);
            }
            else
            {
                _beforeReady += line;
            }
        }
    }

    private void Write(string text) => output.Write(Encoding.UTF8.GetBytes(text));
}
