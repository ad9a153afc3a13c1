using System.Text;
using GameStack.Contracts;
using GameStack.GameServer.Sessions;

namespace GameStack.GameServer;

/// <summary>One line on standard output for each change of state, and none besides. No console is set up for that: it would cost a tenth of the start.</summary>
internal sealed class StateLog(Stream output)
{
    private readonly Lock _gate = new();

    public void Ready(int gamePort, int controlPort) => Write($"{GameServerSettings.ReadyPrefix}{gamePort} {controlPort}");

    public void Opened(Session session) => Write($"open: session {session.Id}, {session.Players.Count} players");

    public void Running(int seconds) => Write($"running: {seconds} s");

    public void Stopped(string reason) => Write($"stop: {reason}");

    private void Write(string line)
    {
        lock (_gate)
        {
            output.Write(Encoding.UTF8.GetBytes(line + "\n"));
        }
    }
}
