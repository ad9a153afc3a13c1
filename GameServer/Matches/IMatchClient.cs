namespace GameStack.GameServer.Matches;

/// <summary>Somebody who is told what happens to the match.</summary>
internal interface IMatchClient
{
    void TellRunning();

    /// <summary>Tells that the match is over and closes the connection.</summary>
    void TellStop();
}
