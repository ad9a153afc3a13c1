namespace GameStack.GameServer.Matches;

/// <summary>A client that is told what happens to the match.</summary>
internal interface IMatchClient
{
    void TellRunning();

    /// <summary>Tells the client that the match is over, and closes the connection.</summary>
    void TellStop();

    /// <summary>Tells the client that its player has connected elsewhere, and closes the connection.</summary>
    void TellMoved();
}
