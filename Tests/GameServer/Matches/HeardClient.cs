using GameStack.GameServer.Matches;

namespace GameStack.Tests.GameServer.Matches;

/// <summary>A client that remembers what it was told.</summary>
internal sealed class HeardClient : IMatchClient
{
    public List<string> Told { get; } = [];

    public void TellRunning() => Told.Add("running");

    public void TellStop() => Told.Add("stop");

    public void TellMoved() => Told.Add("moved");
}
